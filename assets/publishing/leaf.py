"""The per-event rows of a bill run: from a table that dbt built to a partition of ``published.fct_rated_usage``.

Belongs here: the DDL of the move, sealing posted rows. Belongs elsewhere: when it happens (``publish``, ``post``).
No row is copied: five million rows are attached in half a second. What dbt built has two partitions, one for each share
of rating, and both move with it; runs that were published before shares were leaves have one table.
"""

import psycopg
from psycopg import sql

from assets.publishing.refusal import Refusal
from assets.rows import first_value

PARENT = sql.SQL("published.fct_rated_usage")
# The models that rate, by the share they rate; dbt's fct_rated_usage has them as partitions.
SHARES = {1: "int_usage_rated_1", 2: "int_usage_rated_2"}


def leaf_name(bill_run_id: int) -> str:
    """``fct_rated_usage_r17``, in schema published."""
    return f"fct_rated_usage_r{bill_run_id}"


def share_name(bill_run_id: int, share_number: int) -> str:
    """``fct_rated_usage_r17_2``, a partition of ``fct_rated_usage_r17``."""
    return f"{leaf_name(bill_run_id)}_{share_number}"


def prepare_leaf(connection: psycopg.Connection, lane: str, bill_run_id: int) -> None:
    """Give the lane's table and its shares their final names, the parent's constraints, and unique event keys.

    An event is billed once within the run: in a share by its index, over both by looking. All constraints are added in
    one statement, which is one scan, so that attaching needs none.

    Raises:
        Refusal: ``not_built`` (a share is missing), ``rated_twice`` (an event is in both shares).
    """
    _name_tables(connection, lane, bill_run_id)
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
    for number in SHARES:
        name = share_name(bill_run_id, number)
        connection.execute(
            sql.SQL("create unique index {} on {} (event_key)").format(
                sql.Identifier(f"{name}_event_key"), sql.Identifier(lane, name)
            )
        )
    # Counted over both indexes; with a limit, each event of one share would be looked up in the other.
    count, event_key = connection.execute(
        sql.SQL("select count(*), min(event_key::text) from {} inner join {} using (event_key)").format(
            *(sql.Identifier(lane, share_name(bill_run_id, number)) for number in SHARES)
        )
    ).fetchone() or (0, None)
    if count:
        raise Refusal(
            "rated_twice",
            f"event {event_key} and {count - 1} more are in both shares of bill run {bill_run_id}.",
            "An identifier stands for two products at once: look at int_guided_identifiers of the lane.",
        )


def _name_tables(connection: psycopg.Connection, lane: str, bill_run_id: int) -> None:
    for number, share in SHARES.items():
        is_part = first_value(
            connection.execute(
                """select count(*) from pg_inherits
                   where inhrelid = to_regclass(%s) and inhparent = to_regclass(%s)""",
                [f"{lane}.{share}", f"{lane}.fct_rated_usage"],
            )
        )
        if not is_part:
            raise Refusal(
                "not_built",
                f"{lane}.fct_rated_usage has no partition {share}; expected {' and '.join(SHARES.values())}.",
                "Build the run with dbt, then publish.",
            )
        _rename(connection, lane, share, share_name(bill_run_id, number))
    _rename(connection, lane, "fct_rated_usage", leaf_name(bill_run_id))


def _rename(connection: psycopg.Connection, schema: str, name: str, new_name: str) -> None:
    connection.execute(
        sql.SQL("alter table {} rename to {}").format(sql.Identifier(schema, name), sql.Identifier(new_name))
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
    for name in (*(share_name(bill_run_id, number) for number in SHARES), leaf_name(bill_run_id)):
        connection.execute(sql.SQL("alter table {} set schema published").format(sql.Identifier(lane, name)))
    connection.execute(
        sql.SQL("alter table {} attach partition {} for values in ({})").format(
            PARENT, sql.Identifier("published", leaf_name(bill_run_id)), sql.Literal(bill_run_id)
        )
    )


def seal_leaf(connection: psycopg.Connection, bill_run_id: int) -> None:
    """Make the leaf of a run that is being posted append-nothing: no row of it changes again."""
    for (leaf,) in connection.execute(
        "select relid::regclass::text from pg_partition_tree(%s) where isleaf", [f"published.{leaf_name(bill_run_id)}"]
    ).fetchall():
        name = sql.Identifier(*leaf.split("."))
        connection.execute(
            sql.SQL(
                "create trigger posted before insert or update or delete on {} "
                "for each row execute function control.refuse_change()"
            ).format(name)
        )
        connection.execute(
            sql.SQL(
                "create trigger posted_truncate before truncate on {} "
                "for each statement execute function control.refuse_change()"
            ).format(name)
        )


def posted_leaf_problems(connection: psycopg.Connection) -> list[str]:
    """Posted bill runs whose per-event rows are gone, detached or without their seal; none when all is well.

    Settlement runs have none: they rate no event. No trigger stops the owner from detaching a partition, and usage that
    is not there would be billed again.
    """
    rows = connection.execute(
        """
        with posted as (
            select bill_run_id, 'published.fct_rated_usage_r' || bill_run_id as leaf
            from control.bill_runs where state = 'posted' and lane = 'build'
        )
        select posted.bill_run_id, posted.leaf,
            exists (
                select from pg_inherits
                where inhrelid = to_regclass(posted.leaf) and inhparent = 'published.fct_rated_usage'::regclass
            )
            and (
                select relkind = 'r' or (select count(*) from pg_inherits where inhparent = pg_class.oid) = %(shares)s
                from pg_class where oid = to_regclass(posted.leaf)
            ),
            (select bool_and(2 = (
                select count(*) from pg_trigger
                where tgrelid = tree.relid and tgname in ('posted', 'posted_truncate') and tgenabled = 'O'
            )) from pg_partition_tree(to_regclass(posted.leaf)) as tree where tree.isleaf)
        from posted
        order by posted.bill_run_id
        """,
        {"shares": len(SHARES)},
    )
    problems = []
    for bill_run_id, leaf, is_whole, is_sealed in rows:
        if not is_whole:
            problems.append(
                f"bill run {bill_run_id} is posted, and {leaf} is not, or not as a whole, part of"
                " published.fct_rated_usage"
            )
        elif not is_sealed:
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
