"""Splits as rows of the lane, where the model that applies the macro reads them.

Belongs here: the runner's own table. Belongs elsewhere: the model (``dbt_project/conformance``), methods (``sources``).
"""

from collections.abc import Iterable

import psycopg
from psycopg import sql

from tests.conformance.scenario import Scenario

_COLUMNS = {
    "case_number": "integer",
    "method": "text",
    "part_number": "integer",
    "total": "bigint",
    "weight": "numeric",
    "has_maxima": "boolean",
    "negatives": "text",
    "step": "integer",
    "zero_weights": "text",
}


def write_splits(connection: psycopg.Connection, lane: str, scenarios: Iterable[Scenario]) -> None:
    """Make ``split_cases`` anew in the lane, one row a part."""
    table = sql.Identifier(lane, "split_cases")
    columns = sql.SQL(", ").join(
        sql.SQL("{} {}").format(sql.Identifier(name), sql.SQL(kind)) for name, kind in _COLUMNS.items()
    )
    connection.execute(sql.SQL("drop table if exists {} cascade").format(table))
    connection.execute(sql.SQL("create table {} ({})").format(table, columns))
    with connection.cursor().copy(sql.SQL("copy {} from stdin").format(table)) as copy:
        for scenario in scenarios:
            for row in scenario.splits:
                copy.write_row([(row | {"case_number": scenario.number})[name] for name in _COLUMNS])
