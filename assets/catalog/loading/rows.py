"""Bulk writing of catalog rows.

Belongs here: COPY of plain rows into one table, shared by the loaders of this package.
Belongs elsewhere: which rows (``loading``, ``loading.offerings``, ``loading.agreements``).
"""

from collections.abc import Iterable, Sequence
from typing import Any

import psycopg
from psycopg import sql


def copy_rows(
    connection: psycopg.Connection,
    table: str,
    columns: Sequence[str],
    rows: Iterable[Sequence[Any]],
    schema: str = "catalog",
) -> None:
    """COPY rows into ``schema.table``; values in the order of ``columns``."""
    statement = sql.SQL("copy {}.{} ({}) from stdin").format(
        sql.Identifier(schema), sql.Identifier(table), sql.SQL(", ").join(sql.Identifier(name) for name in columns)
    )
    with connection.cursor() as cursor, cursor.copy(statement) as copy:
        for row in rows:
            copy.write_row(row)
