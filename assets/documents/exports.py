"""A posted billing or settlement period as files: CSV, reconciliation.json, and an index page to browse them from.

Belongs here: what is exported, in which columns. Belongs elsewhere: PDF and HTML of documents (``render``), the index
page's look (``index_page``), every amount (the database).

CSV is written by the database and streamed, so size does not matter. Amounts are exact decimals in major units with the
currency beside them. Text that a spreadsheet could take for a formula gets an apostrophe before it; numbers do not.
"""

import hashlib
import json
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

import psycopg
from psycopg import sql
from psycopg.rows import dict_row, scalar_row

from assets.documents.csv_columns import EXPORTS, Export
from assets.documents.files import Manifest, only_writer, sync_folder, write_durably
from assets.documents.index_page import write_index_page
from assets.publishing.refusal import Refusal

_NOT_POSTED = {
    "build": ("has no posted bill run", "Post the period first: apportion post"),
    "settle": ("is not closed", "Close the settlement period first: apportion settle --close"),
}


@dataclass(frozen=True, slots=True)
class WrittenExport:
    """Where the files are, and how many rows each CSV holds (without its header)."""

    folder: Path
    row_counts: dict[str, int]


def export_period(
    connection: psycopg.Connection, period_id: str, folder: Path, *, lane: str = "build"
) -> WrittenExport:
    """Write ``csv/*.csv``, ``reconciliation.json`` and ``index.html`` of all posted runs of a period into ``folder``.

    ``lane`` tells a billing period from a settlement period (``settle``), which has no bills and takes no files in.
    Every file is replaced whole. The same ledger gives the same bytes.

    Raises:
        Refusal: ``not_posted``, no run of the period is.
        FolderInUseError: somebody else writes there.
    """
    runs = _posted_runs(connection, lane, period_id)
    if not runs:
        what, remedy = _NOT_POSTED[lane]
        raise Refusal("not_posted", f"{period_id} {what}.", f"{remedy} {period_id}.")
    sealed = max(run["sealed_batch_id"] for run in runs)
    given = {
        "bill_run_ids": [run["bill_run_id"] for run in runs],
        "sealed_batch_id": sealed,
        "sealed_before": _sealed_before(connection, runs[0]) if lane == "build" else sealed,
    }
    csv_folder = folder / "csv"
    with only_writer(csv_folder):
        files = {export.name: _write_csv(connection, export, given, csv_folder) for export in EXPORTS[lane]}
        sync_folder(csv_folder)
        reconciliation = _reconciliation(connection, period_id, runs, given, folder, files)
        text = json.dumps(reconciliation, ensure_ascii=False, indent=2, sort_keys=True, default=_plain)
        write_durably(folder / "reconciliation.json", text.encode() + b"\n")
        write_index_page(connection, period_id, given["bill_run_ids"], folder, reconciliation)
        sync_folder(folder)
    return WrittenExport(folder, {name: file["rows"] for name, file in files.items()})


def _posted_runs(connection: psycopg.Connection, lane: str, period_id: str) -> list[dict[str, Any]]:
    with connection.cursor(row_factory=dict_row) as cursor:
        return cursor.execute(
            """
            select runs.bill_run_id, runs.sequence, runs.issue_date, runs.period_start, runs.period_end,
                runs.sealed_batch_id, runs.input_digest, runs.output_digest, runs.code_version, books.book_digest
            from control.bill_runs as runs
            join catalog.book_versions as books using (book_id)
            where runs.lane = %s and runs.period_id = %s and runs.state = 'posted'
            order by runs.sequence
            """,
            [lane, period_id],
        ).fetchall()


def _sealed_before(connection: psycopg.Connection, run: dict[str, Any]) -> int:
    """The last batch that the posted period before this one had seen: its rejects are not reported again."""
    with connection.cursor(row_factory=scalar_row) as cursor:
        cursor.execute(
            """
            select coalesce(max(sealed_batch_id), 0) from control.bill_runs
            where lane = 'build' and state = 'posted' and period_start < %s
            """,
            [run["period_start"]],
        )
        return cursor.fetchone() or 0


def _write_csv(connection: psycopg.Connection, export: Export, given: dict[str, Any], folder: Path) -> dict[str, Any]:
    """One CSV straight from the database into its file; the last line break is what tells rows from lines."""
    path = folder / f"{export.name}.csv"
    temporary = path.with_name(f".{path.name}.tmp")
    digest = hashlib.sha256()
    statement = sql.SQL("copy ({}) to stdout (format csv, header, encoding 'UTF8')").format(sql.SQL(export.query()))
    with connection.cursor() as cursor, temporary.open("wb") as handle:
        with cursor.copy(statement, given) as rows:
            for block in rows:
                handle.write(block)
                digest.update(block)
        row_count = cursor.rowcount
    temporary.replace(path)
    return {"rows": row_count, "sha256": digest.hexdigest()}


def _reconciliation(
    connection: psycopg.Connection,
    period_id: str,
    runs: list[dict[str, Any]],
    given: dict[str, Any],
    folder: Path,
    files: dict[str, dict[str, Any]],
) -> dict[str, Any]:
    with connection.cursor(row_factory=dict_row) as cursor:
        found = {name: cursor.execute(query, given).fetchall() for name, query in _RECONCILIATION.items()}
    manifests = {path.stem: Manifest(path) for path in sorted((folder / "manifest").glob("*.jsonl"))}
    return {
        "period_id": period_id,
        "bill_runs": runs,
        **found,
        "all_equal": bool(found["checks"]) and all(check["is_equal"] for check in found["checks"]),
        "csv_files": files,
        "documents": {
            name: {
                "count": len(manifest.entries),
                "pages": sum(entry.page_count for entry in manifest.entries.values()),
                "sha256": manifest.sha256(),
            }
            for name, manifest in manifests.items()
        },
    }


_RECONCILIATION = {
    "checks": """
        select bill_run_id, check_name, description, currency_code, left_value, right_value, rows_looked_at, is_equal
        from published.fct_reconciliation where bill_run_id = any(%(bill_run_ids)s)
        order by bill_run_id, check_name, currency_code
    """,
    "gates": """
        select gate_id, bill_run_id, batch_id, build_number, gate, passed, rows_checked, input_digest, output_digest,
            checks, checked_at
        from control.gates
        where bill_run_id = any(%(bill_run_ids)s)
            or (batch_id > %(sealed_before)s and batch_id <= %(sealed_batch_id)s)
        order by gate_id
    """,
    "files": """
        select files.file_id, files.feed, files.feed_kind, files.file_name, files.content_sha256, files.state,
            files.reason, accounts.rows_read, accounts.rows_accepted, accounts.rows_duplicate, accounts.rows_conflict,
            accounts.rows_rejected
        from inbox.files as files left join inbox.file_accounts as accounts using (file_id)
        where files.batch_id > %(sealed_before)s and files.batch_id <= %(sealed_batch_id)s
        order by files.file_id
    """,
    "account_outcomes": """
        select bill_run_id, outcome, coalesce(reason_code, '') as reason_code, count(*) as accounts
        from published.fct_account_outcomes where bill_run_id = any(%(bill_run_ids)s)
        group by 1, 2, 3 order by 1, 2, 3
    """,
    "bill_totals": """
        select bills.currency_code, count(*) as bills,
            sum(net_minor) * ('1e-' || max(minor_digits))::numeric as net,
            sum(tax_minor) * ('1e-' || max(minor_digits))::numeric as tax,
            sum(gross_minor) * ('1e-' || max(minor_digits))::numeric as gross
        from ledger.customer_bills as bills join catalog.currencies using (currency_code)
        where bill_run_id = any(%(bill_run_ids)s) group by 1 order by 1
    """,
    "settlement_totals": """
        select documents.currency_code, documents.is_paid_by_operator, count(*) as settlements,
            sum(position_minor) * ('1e-' || max(minor_digits))::numeric as position,
            sum(tax_minor) * ('1e-' || max(minor_digits))::numeric as tax,
            sum(payment_minor) * ('1e-' || max(minor_digits))::numeric as payment
        from ledger.settlement_documents as documents join catalog.currencies using (currency_code)
        where bill_run_id = any(%(bill_run_ids)s) group by 1, 2 order by 1, 2 desc
    """,
}


def _plain(value: object) -> str:
    """Decimals and dates as text: JSON numbers become floats in most readers."""
    if isinstance(value, Decimal):
        return format(value.normalize() if value == value.to_integral() else value, "f")
    return value.isoformat() if hasattr(value, "isoformat") else str(value)
