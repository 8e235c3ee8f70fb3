"""``apportion term-sheet`` and ``apportion terms``: terms in plain words, a test settlement, their approval.

Belongs here: the commands and what they print. Belongs elsewhere: the page (``assets.documents.term_sheet``), the test
settlement (``assets.quoting.trial_settlement``), approvals (``assets.settling.acts``).
"""

import tempfile
from collections.abc import Mapping, Sequence
from datetime import date
from getpass import getuser
from pathlib import Path
from typing import Annotated, Any

import psycopg
import typer

from assets.catalog.check import CheckedBook, check_book
from assets.publishing.refusal import Refusal
from orchestration.cli.arguments import day_of
from orchestration.cli.starting import opened_database
from orchestration.cli.terminal import console

DATABASE = "apportion_terms"
terms = typer.Typer(no_args_is_help=True, help="Terms of agreements: list who approved which, approve a term sheet.")

_PARTIES = """
    select distinct on (party_id) party_id, party_kind, name, country_code, tax_number, tax_status, language_code,
        parent_party_id, bank_account, array_to_string(address_lines, '|') as address_lines
    from inbox.parties where effective_from <= %s order by party_id, effective_from desc
"""


def checked_book(folder: Path) -> CheckedBook:
    """A book without problems.

    Raises:
        Refusal: ``book_has_problems``.
    """
    checked = check_book(folder)
    if checked.problems:
        raise Refusal("book_has_problems", f"{folder} has {len(checked.problems)} problem(s).", "Run check first.")
    return checked


def make_term_sheet(
    connection: psycopg.Connection,
    checked: CheckedBook,
    agreement_id: str,
    *,
    day: date,
    by: str,
    language: str = "",
    said: Sequence[str] = (),
    trial_url: str | None = None,
) -> tuple[str, Any]:
    """Make and keep the term sheet of the version in force on a day (or the next one); its SHA-256 and the sheet.

    Args:
        trial_url: The database of the test settlement; without it the sheet has none.

    Raises:
        Refusal: ``no_agreement``, or as ``run_trial_settlement``.
    """
    from assets.documents.term_sheet import term_sheet
    from assets.quoting.trial_settlement import run_trial_settlement
    from assets.settling.acts import keep_term_sheet

    if agreement_id not in checked.book.agreements:
        known = ", ".join(sorted(checked.book.agreements))
        raise Refusal("no_agreement", f"found agreement {agreement_id!r}, expected one of {known}.", "")
    agreement = checked.book.agreements[agreement_id].value
    version = next(
        (entry for entry in agreement.versions if entry.effective_until is None or day < entry.effective_until),
        agreement.versions[-1],
    )
    parties = _parties(connection, day)
    others = [party for party in agreement.parties if party != agreement.payer]
    own_language = next((parties[party]["language_code"] for party in others if party in parties), "")
    test = None
    if trial_url is not None:
        with tempfile.TemporaryDirectory() as folder:
            on = max(day, version.effective_from)
            test = run_trial_settlement(
                checked, agreement, on, trial_url, Path(folder), said=said, parties=_records(parties)
            )
    sheet = term_sheet(
        checked.book,
        agreement,
        version,
        language or own_language or checked.book.valid_operator.languages[0],
        names={party_id: row["name"] for party_id, row in parties.items()},
        test=test,
    )
    return keep_term_sheet(connection, sheet, by), sheet


def _parties(connection: psycopg.Connection, day: date) -> dict[str, dict[str, Any]]:
    from psycopg.rows import dict_row

    with connection.cursor(row_factory=dict_row) as cursor:
        return {row["party_id"]: row for row in cursor.execute(_PARTIES, [day])}


def _records(parties: Mapping[str, dict[str, Any]]) -> dict[str, dict[str, Any]]:
    """Party records as a file of the trial's inbox has them."""
    return {
        party_id: {name: value or "" for name, value in row.items()} | {"effective_from": "1990-01-01"}
        for party_id, row in parties.items()
    }


def print_term_sheet(
    agreement_id: str, book: Path, into: Path, *, day: str, by: str, language: str, said: Sequence[str], test: bool
) -> None:
    """Make the term sheet, write it as HTML and PDF, and say its hash."""
    from assets.documents.files import sync_folder, write_durably
    from assets.documents.pdf import to_pdf
    from orchestration.database.connection import connect
    from orchestration.database.server import ensure_database
    from orchestration.dbt.trial import trial_database

    checked, on = checked_book(book), day_of(day)
    ensure_database()
    with connect() as connection:
        sha256, sheet = make_term_sheet(
            connection, checked, agreement_id, day=on, by=by or getuser(), language=language, said=said,
            trial_url=trial_database(DATABASE, fresh=True) if test else None,
        )  # fmt: skip
    into.mkdir(parents=True, exist_ok=True)
    path = into / f"{sheet.agreement_id}-{sheet.version}-{sheet.language_code}.html"
    write_durably(path, sheet.html.encode())
    write_durably(path.with_suffix(".pdf"), to_pdf(sheet.print_page, on).content)
    sync_folder(into)
    console.print(f"{path}\n{path.with_suffix('.pdf')}\nSHA-256 {sha256}", markup=False)
    console.print("A second person reads it and approves: apportion terms approve SHA256 --by NAME", markup=False)


@terms.command("list")
def list_terms() -> None:
    """Every agreement version of the loaded book, with who approved its terms."""
    from assets.settling.acts import terms_of_the_book
    from orchestration.cli.summary import table_of

    with opened_database() as connection:
        rows = terms_of_the_book(connection)
    table = table_of("Terms", "agreement", "version", "from", "approved by", "term sheet")
    for row in rows:
        table.add_row(
            row["agreement_id"], row["version"], f"{row['effective_from']:%Y-%m-%d}",
            row["approved_by"] or "not approved", (row["term_sheet_sha256"] or "")[:12],
        )  # fmt: skip
    console.print(table)


@terms.command()
def approve(
    sha256: Annotated[str, typer.Argument(help="SHA-256 of the term sheet that was read.")],
    by: Annotated[str, typer.Option(help="Who has read it; default: who is logged in. Not who made it.")] = "",
) -> None:
    """Approve the terms of a term sheet somebody else has made; documents under them can then be paid."""
    from assets.settling.acts import approve_terms

    with opened_database() as connection:
        is_new = approve_terms(connection, sha256, approved_by=by or getuser())
    console.print(f"approved by {by or getuser()}" if is_new else "these terms were approved before", markup=False)


def approve_all(connection: psycopg.Connection, book: Path, *, maker: str, checker: str) -> None:
    """Make and approve the term sheet of every version: for the example month, where nobody is there to read."""
    from assets.documents.term_sheet import term_sheet
    from assets.settling.acts import approve_terms, keep_term_sheet

    loaded = checked_book(book).book
    for place in loaded.agreements.values():
        for version in place.value.versions:
            sheet = term_sheet(loaded, place.value, version, loaded.valid_operator.languages[0])
            approve_terms(connection, keep_term_sheet(connection, sheet, maker), approved_by=checker)
