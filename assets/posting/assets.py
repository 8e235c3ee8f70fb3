"""Posting as Dagster assets: the record that is never edited."""

from collections.abc import Iterator

import dagster as dg

from orchestration.partitions import billing_periods

LEDGER_TABLES = (
    "customer_bills",
    "posted_lines",
    "settlement_documents",
    "posted_positions",
    "journal_lines",
)


@dg.multi_asset(
    name="posted_period",
    specs=[
        dg.AssetSpec(
            ["ledger", table],
            deps=[
                dg.AssetKey(["published", published])
                for published in (
                    "fct_customer_bills",
                    "fct_applied_billing_rates",
                    "fct_party_settlements",
                    "fct_positions",
                    "fct_journal_lines",
                )
            ],
            description=f"Posted for ever in ledger.{table}: append-only, numbered without gaps.",
            group_name="ledger",
            owners=["team:finance"],
            kinds={"postgres"},
        )
        for table in LEDGER_TABLES
    ],
    partitions_def=billing_periods,
    can_subset=False,
)
def posted_period(context: dg.AssetExecutionContext) -> Iterator[dg.MaterializeResult]:
    """Makes the published draft a record, all or nothing; demands the passed gate row of the same input digest."""
    from assets.posting.post import post
    from assets.publishing.bill_runs import published_bill_run
    from assets.publishing.step_results import posted_results
    from orchestration.database.connection import connect
    from orchestration.failpoints import reach
    from orchestration.failures import refusals_are_permanent
    from orchestration.leases import held_lease

    lease = held_lease(context.run_id, "build", context.partition_key)
    with refusals_are_permanent(), connect(token=lease.token) as connection:
        run = published_bill_run(connection, "build", context.partition_key)
        posted = post(connection, run.bill_run_id, lease.token)
    reach("after_post_commit")
    yield from posted_results("ledger", LEDGER_TABLES, run, posted)
