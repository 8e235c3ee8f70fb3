"""Publishing a draft: one transaction after which readers see the whole run, or what they saw before.

Belongs here: moving the per-event table in as a leaf, replacing the rows of the small tables, the output digest.
Belongs elsewhere: what is in the tables (dbt), whether it may be shown (``assets.quality``), making it a record
(``assets.posting``).
"""

import time
from dataclasses import dataclass

import psycopg
from psycopg import sql

from assets.posting.audit_chain import append_entry
from assets.publishing.bill_runs import BillRun, bill_run_by_id
from assets.publishing.digests import output_digest
from assets.publishing.fence import assert_token
from assets.publishing.leaf import attach_leaf, leaf_name, prepare_leaf
from assets.publishing.refusal import Refusal
from assets.quality.gate_rows import POSTING_GATES, demand_bill_run_gate, refuse_unchecked_usage
from assets.rows import first_value
from orchestration.failpoints import reach

# The order in which tables are locked: every publisher and poster takes them in this one.
SMALL_TABLES = (
    "dim_rated_products",
    "fct_account_credits",
    "fct_account_outcomes",
    "fct_applied_billing_rates",
    "fct_applied_party_billing_rates",
    "fct_bill_taxes",
    "fct_bucket_balances",
    "fct_closing_balances",
    "fct_customer_bills",
    "fct_journal_lines",
    "fct_line_adjustments",
    "fct_party_settlements",
    "fct_negative_margins",
    "fct_positions",
    "fct_rate_parts",
    "fct_reconciliation",
    "fct_revenue_shares",
    "fct_settled_shares",
    "fct_settlement_items",
    "fct_suspended_usage",
)

# What a settlement run makes; it has no customers and no events, and its accounts are agreements.
SETTLEMENT_TABLES = (
    "fct_account_outcomes",
    "fct_adjusted_shares",
    "fct_journal_lines",
    "fct_party_settlements",
    "fct_positions",
    "fct_reconciliation",
    "fct_settled_shares",
    "fct_settlement_items",
)

_ATTEMPTS = 5
_LOCK_TIMEOUT_SECONDS = 3


@dataclass(frozen=True, slots=True)
class Published:
    """What readers now see of a run. ``row_counts`` is by table, ``fct_rated_usage`` included."""

    bill_run_id: int
    output_digest: str
    row_counts: dict[str, int]
    already_published: bool


def publish(connection: psycopg.Connection, bill_run: BillRun) -> Published:
    """Show the built draft of ``bill_run`` to readers, all or nothing. Safe to repeat.

    The per-event table leaves the lane and becomes a leaf of ``published.fct_rated_usage``; dbt makes a new one next
    time. An earlier draft of the same run is replaced.

    Raises:
        Refusal: ``superseded``, ``posted``, ``gate_missing``, ``gate_other_input``, ``gate_failed``, ``not_built``,
            ``built_changed`` (the lane's rows are not those that the gate looked at), ``busy`` (readers hold on).
    """
    with connection.transaction():
        assert_token(connection, bill_run.lane, bill_run.token)
        run = bill_run_by_id(connection, bill_run.bill_run_id, for_update=True)
        if run.lane not in POSTING_GATES:
            raise Refusal("not_published_from", f"lane {run.lane} is never published.", "Publish a run of lane build.")
        if run.state == "posted":
            raise Refusal(
                "posted",
                f"bill run {run.bill_run_id} of {run.period_id} is posted and never changes.",
                "Open the period again: parked accounts are billed in a supplement run.",
            )
        if run.state == "published":
            return Published(
                run.bill_run_id, run.published_digest, _row_counts(connection, run), already_published=True
            )
        refuse_unchecked_usage(connection, run.sealed_batch_id)
        gate = POSTING_GATES[run.lane]
        checked_digest = demand_bill_run_gate(connection, run.bill_run_id, gate)
        _refuse_other_rows(connection, run)
        if run.lane == "build":
            _move_in(connection, run)
        for table in _small_tables(run):
            _replace_rows(connection, run, table)
        digest = output_digest(connection, "published", run.bill_run_id, lane=run.lane)
        if digest != checked_digest:
            raise Refusal(
                "built_changed",
                f"bill run {run.bill_run_id}: the rows in {run.lane} changed after gate {gate} passed.",
                "Run the gate's check again, then publish.",
            )
        connection.execute(
            """update control.bill_runs set state = 'published', output_digest = %s, published_at = now()
               where bill_run_id = %s""",
            [digest, run.bill_run_id],
        )
        row_counts = _row_counts(connection, run)
        append_entry(
            connection,
            "published",
            {
                "bill_run_id": run.bill_run_id,
                "period_id": run.period_id,
                "sequence": run.sequence,
                "build_number": run.build_number,
                "input_digest": run.input_digest,
                "output_digest": digest,
                "row_counts": row_counts,
            },
        )
        reach("mid_publish_before_commit")
    return Published(run.bill_run_id, digest, row_counts, already_published=False)


def _refuse_other_rows(connection: psycopg.Connection, run: BillRun) -> None:
    for table in _tables(run):
        name = sql.Identifier(run.lane, table)
        exists = first_value(connection.execute("select to_regclass(%s)", [f"{run.lane}.{table}"]))
        if exists is None:
            raise Refusal("not_built", f"{run.lane}.{table} does not exist.", "Build the run with dbt, then publish.")
        other = connection.execute(
            sql.SQL("select bill_run_id from {} where bill_run_id <> %s limit 1").format(name), [run.bill_run_id]
        ).fetchone()
        if other:
            raise Refusal(
                "not_built",
                f"{run.lane}.{table} holds rows of bill run {other[0]}, expected {run.bill_run_id} only.",
                "Build this run with dbt, then publish.",
            )


def _move_in(connection: psycopg.Connection, run: BillRun) -> None:
    """Attach the leaf; a reader that holds the parent makes us wait briefly and try again, not block everybody else."""
    prepare_leaf(connection, run.lane, run.bill_run_id)
    for attempt in range(1, _ATTEMPTS + 1):
        try:
            with connection.transaction():
                connection.execute(sql.SQL("set local lock_timeout = {}").format(f"{_LOCK_TIMEOUT_SECONDS}s"))
                attach_leaf(connection, run.lane, run.bill_run_id)
                connection.execute("set local lock_timeout = default")
            return
        except psycopg.errors.LockNotAvailable as error:
            if attempt == _ATTEMPTS:
                raise Refusal(
                    "busy",
                    f"{leaf_name(run.bill_run_id)} could not be attached in {_ATTEMPTS} attempts: a reader holds on.",
                    "End the long query on published.fct_rated_usage and publish again.",
                ) from error
            time.sleep(attempt)


def _replace_rows(connection: psycopg.Connection, run: BillRun, table: str) -> None:
    target, source = sql.Identifier("published", table), sql.Identifier(run.lane, table)
    columns = [
        name
        for (name,) in connection.execute(
            """select attname from pg_attribute
               where attrelid = %s::regclass and attnum > 0 and not attisdropped order by attnum""",
            [f"published.{table}"],
        )
    ]
    names = sql.SQL(", ").join(map(sql.Identifier, columns))
    connection.execute(sql.SQL("delete from {} where bill_run_id = %s").format(target), [run.bill_run_id])
    connection.execute(sql.SQL("insert into {} ({}) select {} from {}").format(target, names, names, source))


def _row_counts(connection: psycopg.Connection, run: BillRun) -> dict[str, int]:
    return {
        table: first_value(
            connection.execute(
                sql.SQL("select count(*) from {} where bill_run_id = %s").format(sql.Identifier("published", table)),
                [run.bill_run_id],
            )
        )
        for table in _tables(run)
    }


def _small_tables(run: BillRun) -> tuple[str, ...]:
    return SETTLEMENT_TABLES if run.lane == "settle" else SMALL_TABLES


def _tables(run: BillRun) -> tuple[str, ...]:
    return _small_tables(run) if run.lane == "settle" else ("fct_rated_usage", *SMALL_TABLES)
