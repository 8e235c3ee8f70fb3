"""A settlement run as Dagster assets: opening it, its door, showing and posting it, its statements and payments.

Belongs here: what is partitioned by settlement period. Belongs elsewhere: bill runs (``assets.publishing.assets``,
``assets.posting.assets`` ...), whose functions these call; the models (``orchestration.dbt``).
"""

from collections.abc import Iterator
from typing import Any

import dagster as dg

from assets.payments.assets import PayConfig, paid
from assets.publishing.assets import BillRunConfig
from assets.quality.assets import gate_check_result
from orchestration.partitions import settlement_periods

LANE = "settle"
PUBLISHED_TABLES = (
    "fct_account_outcomes",
    "fct_settled_shares",
    "fct_adjusted_shares",
    "fct_positions",
    "fct_party_settlements",
    "fct_settlement_items",
    "fct_journal_lines",
    "fct_reconciliation",
)


@dg.multi_asset(
    name="settlement_run_scope",
    specs=[
        dg.AssetSpec(
            ["settlement_lane", table],
            deps=[dg.AssetKey(["catalog", "book_versions"]), dg.AssetKey(["ledger", "posted_lines"])],
            skippable=True,
            description=description,
            group_name="settlement_run",
            owners=["team:settlement"],
            kinds={"postgres"},
        )
        for table, description in (
            (
                "run_inputs",
                "The one row that pins a settlement run: period, book, issue date, the posted shares it takes.",
            ),
            ("run_scope", "The agreements this run settles, each as an account, with the bounds of the period."),
        )
    ],
    partitions_def=settlement_periods,
    can_subset=False,
)
def settlement_run_scope(context: dg.AssetExecutionContext, config: BillRunConfig) -> Iterator[dg.MaterializeResult]:
    """Takes the lease of the lane and pins what the run works on. A closed period ends the run here, unchanged."""
    from datetime import date

    from assets.publishing.bill_run_opening import code_version
    from assets.publishing.settlement_opening import open_settlement_run
    from orchestration.database.connection import connect
    from orchestration.failures import refusals_are_permanent
    from orchestration.leases import held_lease

    lease = held_lease(context.run_id, LANE, context.partition_key)
    with refusals_are_permanent(), connect(token=lease.token) as connection:
        run = open_settlement_run(
            connection,
            period_id=context.partition_key,
            issue_date=date.fromisoformat(config.issue_date) if config.issue_date else None,
            token=lease.token,
            code_version=code_version(),
        )
    if run.nothing_to_do:
        context.log.info(f"{context.partition_key} is closed already: nothing to do, nothing changed")
        return
    pinned: dict[str, Any] = {
        "bill_run_id": run.bill_run_id,
        "input_digest": run.input_digest,
        "issue_date": str(run.issue_date),
    }
    for table, rows in (("run_inputs", 1), ("run_scope", run.account_count)):
        yield dg.MaterializeResult(asset_key=["settlement_lane", table], metadata={"dagster/row_count": rows, **pinned})


@dg.asset_check(
    asset=dg.AssetKey([LANE, "fct_reconciliation"]),
    additional_deps=[dg.AssetKey([LANE, model]) for model in PUBLISHED_TABLES if model != "fct_reconciliation"],
    name="gate_settlements_before_posting",
    blocking=True,
)
def gate_settlements_before_posting(context: dg.AssetCheckExecutionContext) -> dg.AssetCheckResult:
    """What is settled was posted, once; documents add up to it; the journal sums to zero."""
    from assets.publishing.bill_runs import current_bill_run
    from assets.quality.gates import check_lines_before_posting
    from orchestration.database.connection import connect
    from orchestration.failures import refusals_are_permanent

    with refusals_are_permanent(), connect() as connection:
        outcome = check_lines_before_posting(connection, current_bill_run(connection, LANE))
    return gate_check_result(outcome)


@dg.multi_asset(
    name="published_settlement_period",
    specs=[
        dg.AssetSpec(
            ["published_settlement", table],
            deps=[dg.AssetKey([LANE, table])],
            description=f"What readers see of {table} of a settlement period: replaced in one transaction.",
            group_name="published",
            owners=["team:settlement"],
            kinds={"postgres"},
        )
        for table in PUBLISHED_TABLES
    ],
    partitions_def=settlement_periods,
    can_subset=False,
)
def published_settlement_period(context: dg.AssetExecutionContext) -> Iterator[dg.MaterializeResult]:
    """Shows the draft of a settlement to readers in one transaction."""
    from assets.publishing.bill_runs import current_bill_run
    from assets.publishing.publish import publish
    from assets.publishing.step_results import published_results
    from orchestration.database.connection import connect
    from orchestration.failures import refusals_are_permanent
    from orchestration.leases import held_lease

    lease = held_lease(context.run_id, LANE, context.partition_key)
    with refusals_are_permanent(), connect(token=lease.token) as connection:
        run = current_bill_run(connection, LANE)
        published = publish(connection, run)
    with connect() as connection:
        results = list(published_results(connection, "published_settlement", PUBLISHED_TABLES, run, published))
    yield from results


LEDGER_TABLES = ("settlement_documents", "posted_positions", "journal_lines")


@dg.multi_asset(
    name="closed_settlement_period",
    specs=[
        dg.AssetSpec(
            ["settlement_ledger", table],
            deps=[
                dg.AssetKey(["published_settlement", published])
                for published in ("fct_party_settlements", "fct_positions", "fct_journal_lines", "fct_settled_shares")
            ],
            description=f"Posted for ever in ledger.{table}: the settlement period is closed.",
            group_name="ledger",
            owners=["team:settlement"],
            kinds={"postgres"},
        )
        for table in LEDGER_TABLES
    ],
    partitions_def=settlement_periods,
    can_subset=False,
)
def closed_settlement_period(context: dg.AssetExecutionContext) -> Iterator[dg.MaterializeResult]:
    """Makes the published draft of a settlement a record, all or nothing."""
    from assets.posting.post import post
    from assets.publishing.bill_runs import published_bill_run
    from assets.publishing.step_results import posted_results
    from orchestration.database.connection import connect
    from orchestration.failures import refusals_are_permanent
    from orchestration.leases import held_lease

    lease = held_lease(context.run_id, LANE, context.partition_key)
    with refusals_are_permanent(), connect(token=lease.token) as connection:
        run = published_bill_run(connection, LANE, context.partition_key)
        posted = post(connection, run.bill_run_id, lease.token)
    yield from posted_results("settlement_ledger", LEDGER_TABLES, run, posted)


@dg.asset_check(
    asset=dg.AssetKey(["settlement_ledger", "settlement_documents"]),
    name="gate_payouts_of_settlement_before_paying",
    blocking=False,
)
def gate_payouts_of_settlement(context: dg.AssetCheckExecutionContext) -> dg.AssetCheckResult:
    """Documents of the settlement add up, bank accounts are valid, the operator is the payer of what it pays."""
    from assets.publishing.bill_runs import latest_posted_bill_run
    from assets.quality.gates import check_payouts_before_paying
    from orchestration.database.connection import connect
    from orchestration.failures import refusals_are_permanent

    with refusals_are_permanent(), connect() as connection:
        outcome = check_payouts_before_paying(connection, latest_posted_bill_run(connection, LANE))
    return gate_check_result(outcome)


@dg.asset(
    key=["settlement_documents", "statements"],
    deps=[dg.AssetKey(["settlement_ledger", table]) for table in LEDGER_TABLES],
    partitions_def=settlement_periods,
    group_name="documents",
    owners=["team:settlement"],
    kinds={"pdf", "html"},
)
def settlement_statements_of_period(context: dg.AssetExecutionContext) -> dg.MaterializeResult:
    """One settlement statement per partner of the period, in the partner's language and currency."""
    from assets.documents.assets import rendered_metadata
    from assets.documents.render import PRINTERS
    from assets.publishing.bill_runs import posted_bill_runs
    from orchestration.database.connection import connect, database_url
    from orchestration.paths import documents_folder
    from orchestration.progress import report

    folder = documents_folder() / context.partition_key
    with connect() as connection:
        runs = posted_bill_runs(connection, LANE, context.partition_key)
    results = [
        PRINTERS["settlement_statements"](
            database_url(), run.bill_run_id, folder, workers=2, progress=report("statements rendered")
        )
        for run in runs
    ]
    return dg.MaterializeResult(metadata=rendered_metadata(results, folder))


@dg.asset(
    key=["settlement_documents", "exports"],
    deps=[dg.AssetKey(["settlement_documents", "statements"])],
    partitions_def=settlement_periods,
    group_name="documents",
    owners=["team:settlement"],
    kinds={"csv"},
)
def settlement_exports(context: dg.AssetExecutionContext) -> dg.MaterializeResult:
    """CSV of settled shares, positions, settlements and their items; reconciliation.json; an index page."""
    from assets.documents.assets import exported

    return exported(context.partition_key, LANE)


@dg.asset(
    key=["settlement_ledger", "payments"],
    deps=[dg.AssetKey(["settlement_ledger", "settlement_documents"])],
    partitions_def=settlement_periods,
    group_name="payments",
    owners=["team:finance"],
    kinds={"postgres"},
)
def settlement_payments(context: dg.AssetExecutionContext, config: PayConfig) -> dg.MaterializeResult:
    """Payments of a closed settlement period and the bank's files, for a second person to approve."""
    return paid(context, config, LANE)


SETTLEMENT_ASSETS = (
    settlement_run_scope,
    published_settlement_period,
    closed_settlement_period,
    settlement_statements_of_period,
    settlement_exports,
    settlement_payments,
)
SETTLEMENT_CHECKS = (gate_settlements_before_posting, gate_payouts_of_settlement)
