"""Rules of the book that look at more than one place, one module per subject.

Belongs here: ``check_...(book) -> Iterator[Problem]`` functions; each yields every problem of its subject.
Belongs elsewhere: the grammar of one value (``models``), order and collection (``assets.catalog.check``).
"""
