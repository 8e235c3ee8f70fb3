"""The per-event leaf of a bill run: from a table that dbt built to a partition of ``published.fct_rated_usage``.

Belongs here: the DDL of the move, sealing a posted leaf. Belongs elsewhere: when it happens (``publish``, ``post``).
No row is copied: five million rows are attached in half a second.
"""

import psycopg
from psycopg import sql

from assets.rows import first_value

PARENT = sql.SQL("published.fct_rated_usage")


def leaf_name(bill_run_id: int) -> str:
    """``fct_rated_usage_r17``, in schema published."""
    return f"fct_rated_usage_r{bill_run_id}"


def prepare_leaf(connection: psycopg.Connection, lane: str, bill_run_id: int) -> None:
    """Give the lane's table its final name, the parent's constraints, and a unique index on the event key.

    The index is what bills an event once within the run. All constraints are added in one statement, which is one scan,
    so that attaching needs none.
    """
    built = sql.Identifier(lane, "fct_rated_usage")
    connection.execute(sql.SQL("alter table {} rename to {}").format(built, sql.Identifier(leaf_name(bill_run_id))))
    leaf = sql.Identifier(lane, leaf_name(bill_run_id))
    changes = [
        sql.SQL("add constraint {} check (bill_run_id = {})").format(
            sql.Identifier(f"{leaf_name(bill_run_id)}_run"), sql.Literal(bill_run_id)
        )
    ]
    changes += [
        sql.SQL("alter column {} set not null").format(sql.Identifier(column))
        for (column,) in connection.execute(
            """select attname from pg_attribute
               where attrelid = 'published.fct_rated_usage'::regclass
                   and attnum > 0 and attnotnull and not attisdropped"""
        )
    ]
    changes += [
        sql.SQL("add constraint {} {}").format(sql.Identifier(name), sql.SQL(definition))
        for name, definition in connection.execute(
            """select conname, pg_get_constraintdef(oid) from pg_constraint
               where conrelid = 'published.fct_rated_usage'::regclass and contype = 'c'"""
        )
    ]
    connection.execute(sql.SQL("alter table {} {}").format(leaf, sql.SQL(", ").join(changes)))
    connection.execute(
        sql.SQL("create unique index {} on {} (event_key)").format(
            sql.Identifier(f"{leaf_name(bill_run_id)}_event_key"), leaf
        )
    )


def attach_leaf(connection: psycopg.Connection, lane: str, bill_run_id: int) -> None:
    """Make the prepared table the leaf of the run, in place of an earlier draft's.

    Locks the parent first and the leaves after it, everywhere. Taking an old draft out keeps readers waiting, so the
    caller sets a lock timeout and tries again.
    """
    draft = first_value(connection.execute("select to_regclass(%s)", [f"published.{leaf_name(bill_run_id)}"]))
    if draft is not None:
        connection.execute(sql.SQL("lock table {} in access exclusive mode").format(PARENT))
        _drop_views_of_the_lane(connection, lane, bill_run_id)
        connection.execute(sql.SQL("drop table {}").format(sql.Identifier("published", leaf_name(bill_run_id))))
    connection.execute(
        sql.SQL("alter table {} set schema published").format(sql.Identifier(lane, leaf_name(bill_run_id)))
    )
    connection.execute(
        sql.SQL("alter table {} attach partition {} for values in ({})").format(
            PARENT, sql.Identifier("published", leaf_name(bill_run_id)), sql.Literal(bill_run_id)
        )
    )


def seal_leaf(connection: psycopg.Connection, bill_run_id: int) -> None:
    """Make the leaf of a run that is being posted append-nothing: no row of it changes again."""
    leaf = sql.Identifier("published", leaf_name(bill_run_id))
    connection.execute(
        sql.SQL(
            "create trigger posted before insert or update or delete on {} "
            "for each row execute function control.refuse_change()"
        ).format(leaf)
    )
    connection.execute(
        sql.SQL(
            "create trigger posted_truncate before truncate on {} "
            "for each statement execute function control.refuse_change()"
        ).format(leaf)
    )


def posted_leaf_problems(connection: psycopg.Connection) -> list[str]:
    """Posted runs whose per-event leaf is gone, detached or without its seal; none when all is well.

    No trigger stops the owner from detaching a partition, and usage that is not there would be billed again.
    """
    rows = connection.execute(
        """
        with posted as (
            select bill_run_id, 'published.fct_rated_usage_r' || bill_run_id as leaf
            from control.bill_runs where state = 'posted'
        )
        select posted.bill_run_id, posted.leaf,
            exists (
                select from pg_inherits
                where inhrelid = to_regclass(posted.leaf) and inhparent = 'published.fct_rated_usage'::regclass
            ),
            (select count(*) from pg_trigger
             where tgrelid = to_regclass(posted.leaf) and tgname in ('posted', 'posted_truncate') and tgenabled = 'O')
        from posted
        order by posted.bill_run_id
        """
    )
    problems = []
    for bill_run_id, leaf, is_attached, seal_count in rows:
        if not is_attached:
            problems.append(f"bill run {bill_run_id} is posted, and {leaf} is not part of published.fct_rated_usage")
        elif seal_count != 2:
            problems.append(f"bill run {bill_run_id} is posted, and {leaf} can be changed: its triggers are off")
    return problems


def _drop_views_of_the_lane(connection: psycopg.Connection, lane: str, bill_run_id: int) -> None:
    """Views that dbt built over the earlier draft moved with it; dbt makes them anew. Any other view stops the drop."""
    views = connection.execute(
        """
        select distinct pg_namespace.nspname, pg_class.relname
        from pg_depend
        join pg_rewrite on pg_depend.objid = pg_rewrite.oid and pg_depend.classid = 'pg_rewrite'::regclass
        join pg_class on pg_rewrite.ev_class = pg_class.oid
        join pg_namespace on pg_class.relnamespace = pg_namespace.oid
        where pg_depend.refobjid = to_regclass(%s) and pg_namespace.nspname = %s and pg_class.relkind = 'v'
        """,
        [f"published.{leaf_name(bill_run_id)}", lane],
    ).fetchall()
    for schema, view in views:
        connection.execute(sql.SQL("drop view if exists {} cascade").format(sql.Identifier(schema, view)))
