"""The inbox as Dagster assets: files, usage rows, their dispositions, and the populations."""

from collections.abc import Iterator
from datetime import UTC, datetime

import dagster as dg

POPULATION_TABLES = {
    "parties": "Customers and partners: names, addresses, tax numbers, languages, accounts.",
    "billing_accounts": "Who pays for what customers have: bill cycle, currency, time zone.",
    "products": "What customers have: the offering, since when, of which account, sold by whom.",
    "product_identifiers": "Numbers, devices and logins of products, by which usage finds them.",
    "account_groups": "Accounts that share allowances.",
    "price_overrides": "Prices of one customer's own.",
    "price_override_tiers": "Tiers of customers' own prices.",
    "allowance_overrides": "Allowances of one customer's own.",
    "opening_balances": "What counters held when customers moved in.",
    "fees_billed": "Fees that were billed before customers moved in.",
    "bucket_balances": "What was left of allowances when customers moved in.",
    "coupons": "Coupons of accounts.",
    "credits": "Credits of accounts.",
    "customer_payments": "What customers paid of their bills, and what is lost.",
    "line_corrections": "Posted lines that were wrong, and by how much.",
    "adjustments": "Amounts that people decided, between two parties.",
    "tax_certificates": "Certificates that change the tax withheld from a partner.",
    "partner_approvals": "Partners that two people have approved for payment.",
    "party_flags": "Parties that are not to be paid, by whom and why.",
    "partner_statement_rows": "Partners' own figures, to be compared with ours.",
    "fx_rates": "Rates of sources that come by file.",
}
USAGE_TABLES = {
    "files": "One row per delivery of a file: loaded, duplicate or refused, with the account of its rows.",
    "usage_rows": "Every well-formed usage row, encoded once at parse; one leaf table per batch.",
    "row_dispositions": "Why a row is not accepted: duplicate, conflict or rejected, with the raw text.",
    "identifiers": "Who used something, as usage names it: each number or login once.",
    "characteristic_sets": "What usage was like: each combination of characteristics once.",
    "batches": "One row per intake: when it was, and by which run.",
}
TABLES = USAGE_TABLES | POPULATION_TABLES

# Metadata of inbox/files: what was not read, and why. The command line prints it.
LEFT_ALONE = "left_alone"
# These three have the whole account of an intake as metadata.
ACCOUNTED_FOR = ("files", "usage_rows", "row_dispositions")


@dg.multi_asset(
    name="inbox",
    specs=[
        dg.AssetSpec(
            ["inbox", table],
            deps=[dg.AssetKey(["catalog", "usage_specification_versions"])],
            description=said,
            group_name="populations" if table in POPULATION_TABLES else "usage",
            owners=["team:data"],
            kinds={"duckdb", "postgres"},
        )
        for table, said in TABLES.items()
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
            for table in TABLES
        }
    for table in TABLES:
        metadata = {"dagster/row_count": counts[table]}
        if table in ACCOUNTED_FOR:
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
