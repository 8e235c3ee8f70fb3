"""What PostgreSQL knows of the sizes of what a run reads: rules, populations and the run's own inputs.

Belongs here: which tables are counted (``analyze``) when a run is opened.
Belongs elsewhere: statistics of what models make (their own ``post_hook``), of usage rows (``assets.ingestion``).

A table that was never counted is taken for a thousand rows. A book has a handful, and then every event was sorted to
be joined with nine usage specifications.
"""

import psycopg
from psycopg import sql


def count_what_is_read(connection: psycopg.Connection, lane: str) -> None:
    """Analyze rules and populations that have changed by a tenth since they were last counted, and the lane's inputs.

    Usage rows are left out: their leaves are counted as they are loaded.
    """
    changed = connection.execute(
        """
        select tables.schemaname, tables.relname
        from pg_stat_all_tables as tables
        inner join pg_class on tables.relid = pg_class.oid
        where
            pg_class.relkind = 'r'
            and not pg_class.relispartition
            and (
                tables.schemaname in ('catalog', 'inbox')
                and (pg_class.reltuples < 0 or tables.n_mod_since_analyze > pg_class.reltuples / 10)
                or tables.schemaname = %s and tables.relname in ('run_inputs', 'run_scope')
            )
        order by 1, 2
        """,
        [lane],
    ).fetchall()
    connection.execute(
        sql.SQL("analyze {}").format(sql.SQL(", ").join(sql.Identifier(*table) for table in changed)),
    )
