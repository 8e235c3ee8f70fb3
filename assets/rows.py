"""The one row that a statement must have returned.

Belongs here: reading a row of which the statement guarantees that it exists (an aggregate, a ``returning``).
Belongs elsewhere: rows that may rightly be missing; their readers ask ``fetchone()`` and say what None means.
"""

from typing import Any, Protocol


class Cursor(Protocol):
    """What psycopg's cursors and DuckDB's connections have in common."""

    def fetchone(self) -> tuple[Any, ...] | None:
        """The next row, or None when there is none left."""
        ...


def one_row(cursor: Cursor) -> tuple[Any, ...]:
    """The first row that a statement returned.

    Raises:
        LookupError: there was none; the statement promised one, so this is a fault of the program.
    """
    row = cursor.fetchone()
    if row is None:
        raise LookupError("the statement returned no row, expected one")
    return row


def first_value(cursor: Cursor) -> Any:
    """The first column of the first row that a statement returned; LookupError when there was none."""
    return one_row(cursor)[0]
