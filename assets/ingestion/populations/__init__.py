"""Populations: dated records of parties, accounts, products and the like, which arrive through the inbox as files.

Belongs here: what each kind of file holds (``registry`` lists them all, in reading order; ``fields`` has the words they
are written in) and how their records reach their tables (``records``).
Belongs elsewhere: files and rows as such, and usage (``assets.ingestion``).
"""
