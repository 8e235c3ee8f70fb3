"""Documents as Dagster assets: bills and statements as PDF and HTML, exports, reconciliation."""

import dagster as dg

from orchestration.partitions import billing_periods


def _posted_runs(connection, period_id: str):
    from assets.publishing.bill_runs import posted_bill_runs

    return posted_bill_runs(connection, "build", period_id)


def _printed(name: str, *, of: tuple[str, ...], owner: str, what: str, description: str) -> dg.AssetsDefinition:
    """An asset that prints one kind of document of the posted runs of a period; ``what`` is for the progress line."""

    @dg.asset(
        key=["documents", name],
        deps=[dg.AssetKey(["ledger", table]) for table in of],
        partitions_def=billing_periods,
        group_name="documents",
        owners=[owner],
        kinds={"pdf", "html"},
        description=description,
    )
    def printed(context: dg.AssetExecutionContext) -> dg.MaterializeResult:
        from assets.documents.render import PRINTERS
        from orchestration.database.connection import connect, database_url
        from orchestration.paths import documents_folder
        from orchestration.progress import report

        folder = documents_folder() / context.partition_key
        with connect() as connection:
            runs = _posted_runs(connection, context.partition_key)
        results = [
            PRINTERS[name](database_url(), run.bill_run_id, folder, workers=2, progress=report(f"{what} rendered"))
            for run in runs
        ]
        return dg.MaterializeResult(metadata=rendered_metadata(results, folder))

    return printed


customer_bills = _printed(
    "customer_bills",
    of=("customer_bills", "posted_lines"),
    owner="team:finance",
    what="bills",
    description="One bill per customer, in its language and currency, as PDF and HTML; the same bytes every time.",
)
settlement_statements = _printed(
    "settlement_statements",
    of=("settlement_documents", "posted_positions"),
    owner="team:settlement",
    what="statements",
    description="One settlement statement per partner, in the partner's language and currency.",
)


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
    """CSV of bills, lines, shares, settlements, their items, and rejects; reconciliation.json; an index page."""
    return exported(context.partition_key, "build")


def exported(period_id: str, lane: str) -> dg.MaterializeResult:
    """Write the files of a posted period into its folder."""
    from assets.documents.exports import export_period
    from orchestration.database.connection import connect
    from orchestration.paths import documents_folder

    folder = documents_folder() / period_id
    with connect() as connection:
        written = export_period(connection, period_id, folder, lane=lane)
    return dg.MaterializeResult(
        metadata={"folder": dg.MetadataValue.path(str(folder)), "rows": dg.MetadataValue.json(written.row_counts)}
    )


def rendered_metadata(results: list, folder) -> dict:
    """What rendering did, as metadata of the asset."""
    return {
        "dagster/row_count": sum(result.rendered + result.unchanged for result in results),
        "rendered": sum(result.rendered for result in results),
        "unchanged": sum(result.unchanged for result in results),
        "pages": sum(result.pages for result in results),
        "folder": dg.MetadataValue.path(str(folder)),
    }


DOCUMENT_ASSETS = (customer_bills, settlement_statements, exports)
