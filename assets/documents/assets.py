"""Documents as Dagster assets: bills and statements as PDF and HTML, exports, reconciliation."""

import dagster as dg

from orchestration.partitions import billing_periods


def _posted_runs(connection, period_id: str):
    from assets.publishing.bill_runs import posted_bill_runs

    return posted_bill_runs(connection, "build", period_id)


@dg.asset(
    key=["documents", "customer_bills"],
    deps=[dg.AssetKey(["ledger", "customer_bills"]), dg.AssetKey(["ledger", "posted_lines"])],
    partitions_def=billing_periods,
    group_name="documents",
    owners=["team:finance"],
    kinds={"pdf", "html"},
)
def customer_bills(context: dg.AssetExecutionContext) -> dg.MaterializeResult:
    """One bill per customer as PDF and HTML, in the customer's language and currency; the same bytes every time."""
    from assets.documents.render import render_bills
    from orchestration.database.connection import connect, database_url
    from orchestration.paths import documents_folder
    from orchestration.progress import report

    folder = documents_folder() / context.partition_key
    with connect() as connection:
        runs = _posted_runs(connection, context.partition_key)
    results = [
        render_bills(database_url(), run.bill_run_id, folder, workers=2, progress=report("bills rendered"))
        for run in runs
    ]
    return dg.MaterializeResult(metadata=_rendered(results, folder))


@dg.asset(
    key=["documents", "settlement_statements"],
    deps=[dg.AssetKey(["ledger", "settlement_documents"]), dg.AssetKey(["ledger", "posted_positions"])],
    partitions_def=billing_periods,
    group_name="documents",
    owners=["team:settlement"],
    kinds={"pdf", "html"},
)
def settlement_statements(context: dg.AssetExecutionContext) -> dg.MaterializeResult:
    """One settlement statement per partner, in the partner's language and currency."""
    from assets.documents.render import render_settlements
    from orchestration.database.connection import connect, database_url
    from orchestration.paths import documents_folder
    from orchestration.progress import report

    folder = documents_folder() / context.partition_key
    with connect() as connection:
        runs = _posted_runs(connection, context.partition_key)
    results = [
        render_settlements(database_url(), run.bill_run_id, folder, workers=2, progress=report("statements rendered"))
        for run in runs
    ]
    return dg.MaterializeResult(metadata=_rendered(results, folder))


@dg.asset(
    key=["documents", "exports"],
    deps=[
        dg.AssetKey(["documents", "customer_bills"]),
        dg.AssetKey(["documents", "settlement_statements"]),
        dg.AssetKey(["ledger", "journal_lines"]),
    ],
    partitions_def=billing_periods,
    group_name="documents",
    owners=["team:finance"],
    kinds={"csv"},
)
def exports(context: dg.AssetExecutionContext) -> dg.MaterializeResult:
    """CSV of bills, lines, shares, positions, settlements and rejects; reconciliation.json; an index page."""
    from assets.documents.exports import export_period
    from orchestration.database.connection import connect
    from orchestration.paths import documents_folder

    folder = documents_folder() / context.partition_key
    with connect() as connection:
        written = export_period(connection, context.partition_key, folder)
    return dg.MaterializeResult(
        metadata={"folder": dg.MetadataValue.path(str(folder)), "rows": dg.MetadataValue.json(written.row_counts)}
    )


def _rendered(results: list, folder) -> dict:
    return {
        "dagster/row_count": sum(result.rendered + result.unchanged for result in results),
        "rendered": sum(result.rendered for result in results),
        "unchanged": sum(result.unchanged for result in results),
        "pages": sum(result.pages for result in results),
        "folder": dg.MetadataValue.path(str(folder)),
    }


DOCUMENT_ASSETS = (customer_bills, settlement_statements, exports)
