"""Opening and publishing a bill run as Dagster assets: what the run works on, and what readers then see."""

from collections.abc import Iterator
from typing import Any

import dagster as dg

from orchestration.partitions import billing_periods

LANE = "build"

PUBLISHED_TABLES = (
    "fct_rated_usage",
    "fct_account_credits",
    "fct_bucket_balances",
    "fct_closing_balances",
    "fct_suspended_usage",
    "dim_rated_products",
    "fct_applied_billing_rates",
    "fct_applied_party_billing_rates",
    "fct_line_adjustments",
    "fct_rate_parts",
    "fct_bill_taxes",
    "fct_customer_bills",
    "fct_revenue_shares",
    "fct_negative_margins",
    "fct_positions",
    "fct_party_settlements",
    "fct_journal_lines",
    "fct_account_outcomes",
    "fct_reconciliation",
)


class BillRunConfig(dg.Config):
    """What finance chooses when launching a bill run."""

    # Business date printed on the documents, YYYY-MM-DD; empty: the first day after the period.
    issue_date: str = ""


@dg.multi_asset(
    name="bill_run_scope",
    specs=[
        dg.AssetSpec(
            ["lane", table],
            deps=[
                dg.AssetKey(["catalog", "book_versions"]),
                dg.AssetKey(["inbox", "billing_accounts"]),
                dg.AssetKey(["inbox", "usage_rows"]),
            ],
            skippable=True,
            description=description,
            group_name="bill_run",
            owners=["team:billing"],
            kinds={"postgres"},
        )
        for table, description in (
            ("run_inputs", "The one row that pins a run: period, book, sealed batch, issue date."),
            ("run_scope", "The accounts this run bills, with the bounds of their period."),
        )
    ],
    partitions_def=billing_periods,
    can_subset=False,
)
def bill_run_scope(context: dg.AssetExecutionContext, config: BillRunConfig) -> Iterator[dg.MaterializeResult]:
    """Takes the lease of the lane and pins what the run works on. A posted period ends the run here, unchanged."""
    from datetime import date

    from assets.publishing.bill_run_opening import code_version, open_bill_run
    from orchestration.database.connection import connect
    from orchestration.failpoints import reach
    from orchestration.failures import refusals_are_permanent
    from orchestration.leases import held_lease
    from orchestration.partitions import checked_period_id

    period_id = checked_period_id(context.partition_key)
    lease = held_lease(context.run_id, LANE, period_id)
    with refusals_are_permanent(), connect(token=lease.token) as connection:
        run = open_bill_run(
            connection,
            lane=LANE,
            period_id=period_id,
            issue_date=date.fromisoformat(config.issue_date) if config.issue_date else None,
            token=lease.token,
            code_version=code_version(),
        )
    reach("after_open")
    if run.nothing_to_do:
        context.log.info(f"{period_id} is posted already: nothing to do, nothing changed")
        return
    metadata: dict[str, Any] = {
        "bill_run_id": run.bill_run_id,
        "input_digest": run.input_digest,
        "issue_date": str(run.issue_date),
        "book_id": run.book_id,
        "sealed_batch_id": run.sealed_batch_id,
    }
    yield dg.MaterializeResult(asset_key=["lane", "run_inputs"], metadata={"dagster/row_count": 1, **metadata})
    yield dg.MaterializeResult(
        asset_key=["lane", "run_scope"], metadata={"dagster/row_count": run.account_count, **metadata}
    )


@dg.multi_asset(
    name="published_period",
    specs=[
        dg.AssetSpec(
            ["published", table],
            deps=[dg.AssetKey([LANE, table])],
            description=f"What readers see of {table}: the rows of a run replace its earlier draft in one transaction.",
            group_name="published",
            owners=["team:billing"],
            kinds={"postgres"},
        )
        for table in PUBLISHED_TABLES
    ],
    partitions_def=billing_periods,
    can_subset=False,
)
def published_period(context: dg.AssetExecutionContext) -> Iterator[dg.MaterializeResult]:
    """Shows the draft to readers in one transaction: per-event leaf attached, small tables replaced."""
    from assets.publishing.bill_runs import current_bill_run
    from assets.publishing.publish import publish
    from assets.publishing.step_results import published_results
    from orchestration.database.connection import connect
    from orchestration.failpoints import reach
    from orchestration.failures import refusals_are_permanent
    from orchestration.leases import held_lease

    lease = held_lease(context.run_id, LANE, context.partition_key)
    reach("before_publish")
    with refusals_are_permanent(), connect(token=lease.token) as connection:
        run = current_bill_run(connection, LANE)
        published = publish(connection, run)
    with connect() as connection:
        results = list(published_results(connection, "published", PUBLISHED_TABLES, run, published))
    yield from results
