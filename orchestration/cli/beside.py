"""``apportion whatif`` and ``apportion running``: a period calculated beside the records, printed and written as CSV.

Belongs here: what is printed and written. Belongs elsewhere: calculating (``orchestration.beside``), reading
(``assets.settling``).
"""

from contextlib import ExitStack
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from orchestration.cli.partners import write_csv
from orchestration.cli.summary import table_of
from orchestration.cli.terminal import console

if TYPE_CHECKING:
    from assets.catalog.check import CheckedBook

_SHOWN = 10


def print_whatif(period_id: str, book: Path, into: Path) -> None:
    """Calculate the period with another book and show what would change; nothing is published."""
    from assets.settling.comparison import compare_with_records, write_chart
    from orchestration.beside import calculated_beside
    from orchestration.cli.terms import checked_book
    from orchestration.database.server import ensure_database

    checked = checked_book(book)
    ensure_database()
    with ExitStack() as lanes:
        present = None
        if _settles_apart(checked):
            # Under the book in use, in a lane of its own, for as long as the other is looked at.
            _, now = lanes.enter_context(calculated_beside("running", period_id))
            present = ("running", now.bill_run_id)
        connection, run = lanes.enter_context(calculated_beside("whatif", period_id, book=checked))
        found = compare_with_records(connection, "whatif", run.bill_run_id, period_id, present=present)
        parked = connection.execute(
            "select count(*) from whatif.fct_account_outcomes where bill_run_id = %s and outcome = 'parked'",
            [run.bill_run_id],
        ).fetchone()
    into.mkdir(parents=True, exist_ok=True)
    for name, rows in found.reports.items():
        changes = found.changes[name]
        keys = [key for key in (rows[0] if rows else {}) if key not in ("present", "other", "difference")]
        table = table_of(f"{name}: {len(changes)} of {len(rows)} change", *keys, "is", "would be", "difference")
        for row in changes[:_SHOWN]:
            table.add_row(*("" if value is None else str(value) for value in row.values()))
        console.print(table)
        write_csv(into / f"{name}.csv", rows)
    if found.changes["shares"]:
        write_chart(found.changes["shares"], into / "shares.svg")
        console.print(f"chart -> {into / 'shares.svg'}", markup=False)
    console.print(f"{parked[0] if parked else 0} account(s) would be parked. Nothing was published.")


def _settles_apart(checked: "CheckedBook") -> bool:
    """Whether an agreement of the book in use or of the other one has a settlement calendar of its own."""
    from orchestration.database.connection import connect

    versions = (version for place in checked.book.agreements.values() for version in place.value.versions)
    if any(version.settlement.cycle != "bill_run" for version in versions):
        return True
    with connect() as connection:
        found = connection.execute(
            """select from catalog.agreements
               where book_id = catalog.current_book() and settlement_cycle <> 'bill_run' limit 1"""
        ).fetchone()
    return found is not None


def print_running(period_id: str, into: Path) -> None:
    """Calculate a period that has not ended and show it as it is so far, marked provisional."""
    from assets.documents.files import sync_folder, write_durably
    from assets.settling.provisional import provisional_pages, read_running
    from orchestration.beside import calculated_beside
    from orchestration.database.server import ensure_database

    ensure_database()
    at = datetime.now(UTC)
    with calculated_beside("running", period_id) as (connection, run):
        running = read_running(connection, "running", run.bill_run_id, period_id)
        pages = list(provisional_pages(connection, running, at))
    table = table_of(f"Unbilled usage and fees of {period_id}, PROVISIONAL", "service", "lines", "events", "amount")
    for row in running.unbilled:
        amount = f"{row['amount']} {row['currency_code']}"
        table.add_row(row["service_kind"], f"{row['line_count']:,}", f"{row['event_count']:,}", amount)
    console.print(table)
    table = table_of(f"Positions of {period_id}, PROVISIONAL", "payer -> partner", "agreement", "item", "amount")
    for row in running.positions:
        table.add_row(
            f"{row['payer_party_id']} -> {row['receiver_party_id']}", row["agreement_id"], row["item_id"],
            f"{row['settlement_amount']} {row['settlement_currency_code']}",
        )  # fmt: skip
    console.print(table)
    into.mkdir(parents=True, exist_ok=True)
    write_csv(into / "positions.csv", running.positions)
    for page in pages:
        write_durably(into / f"{page.party_id}.html", page.html.encode())
    sync_folder(into)
    console.print(f"{len(pages)} provisional statement(s) -> {into}", markup=False)
