"""The checked book into ``catalog`` tables, as dated rows of one book version.

Belongs here: models to rows, one module per subject; ``loading`` puts them together in one transaction.
Belongs elsewhere: what a book may say (``models``, ``checks``), reading its files (``reading``).
"""
