"""The inbox as Dagster assets: files, usage rows, their dispositions, and the populations."""

from collections.abc import Iterator
from datetime import UTC, datetime

import dagster as dg

POPULATION_TABLES = (
    "parties",
    "billing_accounts",
    "products",
    "product_identifiers",
    "account_groups",
    "price_overrides",
    "allowance_overrides",
    "opening_balances",
    "fees_billed",
    "bucket_balances",
    "coupons",
    "credits",
    "price_override_tiers",
    "tax_certificates",
    "adjustments",
    "customer_payments",
    "line_corrections",
    "partner_approvals",
)
USAGE_TABLES = ("files", "usage_rows", "row_dispositions", "identifiers", "characteristic_sets", "batches")

# Metadata of inbox/files: what was not read, and why. The command line prints it.
LEFT_ALONE = "left_alone"
DESCRIPTIONS = {
    "files": "One row per delivery of a file: loaded, duplicate or refused, with the account of its rows.",
    "usage_rows": "Every well-formed usage row, encoded once at parse; one leaf table per batch.",
    "row_dispositions": "Why a row is not accepted: duplicate, conflict or rejected, with the raw text.",
}


@dg.multi_asset(
    name="inbox",
    specs=[
        dg.AssetSpec(
            ["inbox", table],
            deps=[dg.AssetKey(["catalog", "usage_specification_versions"])],
            description=DESCRIPTIONS.get(table, f"Dated records in inbox.{table}, delivered through the inbox."),
            group_name="populations" if table in POPULATION_TABLES else "usage",
            owners=["team:data"],
            kinds={"duckdb", "postgres"},
        )
        for table in (*USAGE_TABLES, *POPULATION_TABLES)
    ],
    can_subset=False,
)
def inbox(context: dg.AssetExecutionContext) -> Iterator[dg.MaterializeResult]:
    """Takes in every file that has landed; every row ends accepted, duplicate, conflict or rejected."""
    from assets.ingestion.ingest import ingest_folder
    from assets.ingestion.numbering import missing_files
    from assets.ingestion.specifications import specifications_in_force
    from assets.rows import first_value
    from orchestration.database.connection import connect
    from orchestration.paths import file_store_folder, inbox_folder
    from orchestration.progress import show

    with connect() as connection:
        report = ingest_folder(
            connection,
            inbox_folder(),
            file_store_folder(),
            specifications_in_force(connection),
            dagster_run_id=context.run_id,
            now=datetime.now(UTC),
            progress=lambda what, done, total: show(f"{what} ({100 * done // max(total, 1)}%)"),
        )
        connection.commit()
        report.clear_landing(inbox_folder())
        missing = [str(file) for file in missing_files(connection)]
        counts = {
            table: first_value(connection.execute(f"select count(*) from inbox.{table}"))  # noqa: S608
            for table in (*USAGE_TABLES, *POPULATION_TABLES)
        }
    for table in (*USAGE_TABLES, *POPULATION_TABLES):
        metadata = {"dagster/row_count": counts[table]}
        if table in DESCRIPTIONS:
            metadata |= {**report_metadata(report), "missing_files": missing, LEFT_ALONE: report.left_alone}
        yield dg.MaterializeResult(asset_key=["inbox", table], metadata=metadata)


def report_metadata(report) -> dict:
    """The account of one intake, as Dagster shows it."""
    return {
        "batch_id": report.batch_id,
        "files_loaded": report.files_loaded,
        "files_duplicate": report.files_duplicate,
        "files_refused": report.files_refused,
        "rows_read": report.rows_read,
        "rows_accepted": report.rows_accepted,
        "rows_duplicate": report.rows_duplicate,
        "rows_conflict": report.rows_conflict,
        "rows_rejected": report.rows_rejected,
    }
