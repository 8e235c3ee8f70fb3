"""Peers' own test cases, rated by Apportion: ``make conformance CASES="FILE..." [JSON=out.json]``.

Belongs here: reading cases, translating each source's words into a book, populations and usage, running them side by
side in lane ``conformance``, comparing what the tables say with what the peer asserts.
Belongs elsewhere: every calculation. Nothing in this package adds, multiplies, rounds or tiers an amount; the only
changes made to figures are changes of notation (cents and currency units, a date for a day count, ``from 11`` for
``above 10``).

A case is translated by what its ``params`` and ``usage`` say, never by its id. A word that a translator does not know
fails the case with ``not translated: unknown ...``.
"""
