"""Row counts of the tables dbt has built, added to a run's events.

Belongs here: counting a table when the event of its model passes.
Belongs elsewhere: the events (``orchestration.dbt.assets``).

dagster-dbt's own ``fetch_row_counts`` waits for dbt in a loop that never sleeps: it takes a processor from dbt and
PostgreSQL for as long as the build lasts.
"""

from typing import Any

import dagster as dg
import psycopg
from psycopg import sql

ROW_COUNT = "dagster/row_count"
_TABLES_OF_LANE = """
    select pg_class.relname
    from pg_catalog.pg_class inner join pg_catalog.pg_namespace on pg_class.relnamespace = pg_namespace.oid
    where pg_namespace.nspname = %s and pg_class.relname = %s and pg_class.relkind in ('r', 'p')
"""


def with_row_count(connection: psycopg.Connection, lane: str, event: Any) -> Any:
    """The event of a built table with its number of rows; any other as it is. Views may be costly to count."""
    if not isinstance(event, dg.Output) or "unique_id" not in event.metadata:
        return event
    model = str(event.metadata["unique_id"].value).rpartition(".")[2]
    if connection.execute(_TABLES_OF_LANE, [lane, model]).fetchone() is None:
        return event
    count = sql.SQL("select count(*) from {}").format(sql.Identifier(lane, model))
    (rows,) = connection.execute(count).fetchone() or (None,)
    return event.with_metadata({**event.metadata, ROW_COUNT: rows})
