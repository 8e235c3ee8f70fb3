"""``apportion terms``, ``documents``, ``disputes``: what the settlement manager does around a settlement.

Belongs here: the commands and what they print.
Belongs elsewhere: the rules (``assets.settling``), paying (``apportion pay``, ``apportion payments``).
"""

import csv
from getpass import getuser
from pathlib import Path
from typing import Annotated, Any

import typer

from orchestration.cli.arguments import ByOption, CsvOption, DocumentArgument, OnOption, day_of
from orchestration.cli.starting import opened_database
from orchestration.cli.terminal import console

documents = typer.Typer(no_args_is_help=True, help="Documents: their states, what the receiver said, its own invoices.")
disputes = typer.Typer(no_args_is_help=True, help="The partner's own figures, and disputes: match, list, resolve.")


def _money(amount_minor: int, currency_code: str) -> str:
    from assets.money import Money, format_money

    return format_money(Money(int(amount_minor), currency_code), "en")


def write_csv(path: Path, rows: list[dict[str, Any]]) -> None:
    """Rows as CSV, columns in the order of the first row; nothing but text."""
    with path.open("w", encoding="utf-8", newline="") as target:
        writer = csv.DictWriter(target, fieldnames=list(rows[0]) if rows else [], lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)
    console.print(f"{len(rows):,} row(s) -> {path}", markup=False)


@documents.command("list")
def list_documents(on: OnOption = "") -> None:
    """Documents that receivers answer or invoice, with their state on a day."""
    from assets.settling.acts import document_states
    from orchestration.cli.summary import table_of

    with opened_database() as connection:
        rows = document_states(connection, day_of(on))
    table = table_of("Documents", "document", "receiver", "amount", "state", "answer by", "answered by")
    for row in rows:
        table.add_row(
            row["document_number"], row["receiver_party_id"], _money(row["document_minor"], row["currency_code"]),
            row["state"], str(row["answer_by"] or ""), row["answered_by"] or "",
        )  # fmt: skip
    console.print(table)


@documents.command("answer")
def answer(
    document_number: DocumentArgument,
    what: Annotated[str, typer.Argument(help="accepted, contested, or issued (after it was accepted).")],
    by: Annotated[str, typer.Option(help="Who gave the answer.")],
    on: OnOption = "",
    detail: Annotated[str, typer.Option(help="Kept with the answer.")] = "",
) -> None:
    """Record what the receiver said about a self-billed document; nothing is paid on one that is not accepted."""
    from assets.settling.acts import answer_document

    if what not in ("accepted", "contested", "issued"):
        raise typer.BadParameter(f"{what!r}: say accepted, contested or issued")
    with opened_database() as connection:
        state = answer_document(connection, document_number, what, on=day_of(on), by=by, detail=detail)
    console.print(f"{document_number} is {state}", markup=False)


@documents.command("invoice")
def invoice(
    document_number: Annotated[str, typer.Argument(help="The document that is invoiced.")],
    invoice_number: Annotated[str, typer.Argument(help="The number of the receiver's invoice or credit note.")],
    minor_units: Annotated[int, typer.Argument(help="Its amount with tax, in minor units: 861000 is 8,610.00.")],
    by: ByOption = "",
    on: OnOption = "",
) -> None:
    """Take in the receiver's own invoice for a statement; nothing is paid before it has come."""
    from assets.settling.acts import take_invoice

    with opened_database() as connection:
        take_invoice(connection, document_number, invoice_number, minor_units, on=day_of(on), by=by or getuser())
    console.print(f"{document_number} is invoiced by {invoice_number}", markup=False)


@disputes.command("match")
def match(
    agreement: Annotated[str, typer.Argument(help="The agreement whose partner has stated its figures.")],
    month: Annotated[str, typer.Argument(help="The month of the settlement, YYYY-MM.")],
    by: ByOption = "",
    on: OnOption = "",
    csv_file: CsvOption = None,
) -> None:
    """Compare a partner's figures with what was settled; what differs beyond the tolerance becomes a dispute."""
    from assets.settling.matching import match_statement, matched_rows
    from orchestration.cli.summary import table_of

    with opened_database() as connection:
        found = match_statement(connection, agreement, month, on=day_of(on), by=by or getuser())
        rows = matched_rows(connection, found.matching_id, with_matched=csv_file is not None)
    grain = found.grain.replace("_", " and ")
    title = f"{agreement} in {month} per {grain}: {found.party_id} against {found.document_number}"
    table = table_of(title, "class", "rows", "ours", "theirs", "difference")
    for row in found.summary:
        table.add_row(
            row["match_class"], f"{row['row_count']:,}", _money(row["ours_minor"], found.currency_code),
            f"{row['theirs_minor'].normalize():f} minor", _money(row["difference_minor"], found.currency_code),
        )  # fmt: skip
    console.print(table)
    print_rows(rows[:12], found.currency_code)
    if found.dispute:
        held = _money(found.dispute.held_minor, found.currency_code)
        console.print(
            f"dispute {found.dispute.dispute_id}: {held} of the payment waits, the rest is paid", markup=False
        )
    if found.adjusted_minor:
        console.print(
            f"adjusted by {_money(found.adjusted_minor, found.currency_code)}: the receiver's figure prevails"
        )
    if csv_file is not None:
        write_csv(csv_file, rows)


def print_rows(rows: list[dict[str, Any]], currency_code: str) -> None:
    """Rows of a comparison, each with the line of the partner's file."""
    for row in rows:
        key = " ".join(row[name] for name in ("product_id", "usage_day", "line_key") if row[name]) or "the month"
        place = f"{row['file_name']}:{row['line_number']}" if row["file_name"] else "not stated"
        console.print(
            f"  {row['match_class']}: {key}: {_money(row['difference_minor'], currency_code)} ({place})", markup=False
        )


@disputes.command("list")
def list_disputes(
    on: OnOption = "",
    ended: Annotated[bool, typer.Option(help="Also those that ended.")] = False,
    csv_file: CsvOption = None,
) -> None:
    """The worklist: what is disputed, held back, until when, and on which level."""
    from assets.settling.disputes import worklist
    from orchestration.cli.summary import table_of

    with opened_database() as connection:
        rows = worklist(connection, day_of(on), with_ended=ended)
    table = table_of(
        "Disputes", "dispute", "document", "agreement", "claimed", "held back", "state", "level", "next", "ends"
    )
    for row in rows:
        table.add_row(
            row["dispute_id"], row["document_number"], row["agreement_id"],
            _money(row["disputed_minor"], row["currency_code"]), _money(row["held_minor"], row["currency_code"]),
            row["state"], str(row["escalation_level"]), str(row["next_escalation_on"] or ""), str(row["answer_by"]),
        )  # fmt: skip
    console.print(table)
    if csv_file is not None:
        write_csv(csv_file, rows)


@disputes.command("show")
def show(
    dispute_id: Annotated[str, typer.Argument(help="The dispute, as `list` shows it.")], csv_file: CsvOption = None
) -> None:
    """Drill down: every row of the comparison behind a dispute, with the line of the partner's file."""
    from assets.publishing.refusal import Refusal
    from assets.settling.matching import matched_rows

    with opened_database() as connection:
        found = connection.execute(
            "select matching_id, currency_code, detail from ledger.disputes where dispute_id = %s", [dispute_id]
        ).fetchone()
        if found is None:
            raise Refusal("no_dispute", f"there is no dispute {dispute_id}.", "List them: apportion disputes list.")
        rows = matched_rows(connection, found[0]) if found[0] is not None else []
    console.print(f"{dispute_id}: {found[2]}", markup=False)
    print_rows(rows, found[1])
    if csv_file is not None:
        write_csv(csv_file, rows)


@disputes.command("raise")
def raise_by_hand(
    document_number: DocumentArgument,
    agreement: Annotated[str, typer.Argument(help="The agreement on it that is doubted.")],
    minor_units: Annotated[int, typer.Argument(help="What is claimed more; `-- -500` is 5.00 less.")],
    by: ByOption = "",
    on: OnOption = "",
    detail: Annotated[str, typer.Option(help="Kept with the dispute.")] = "",
) -> None:
    """Raise a dispute without figures: what is claimed less is held back of the payment."""
    from assets.settling.disputes import raise_dispute

    with opened_database() as connection:
        raised = raise_dispute(
            connection, document_number, agreement, minor_units, on=day_of(on), by=by or getuser(), detail=detail
        )
    console.print(f"{raised.dispute_id}: {raised.held_minor} minor units are held back", markup=False)


@disputes.command("resolve")
def resolve(
    dispute_id: Annotated[str, typer.Argument(help="The dispute.")],
    minor_units: Annotated[int, typer.Argument(help="The adjustment: 0 when the document is right.")],
    approved_by: Annotated[str, typer.Option(help="The second person.")],
    by: ByOption = "",
    on: OnOption = "",
    detail: Annotated[str, typer.Option(help="Kept with the resolution.")] = "",
) -> None:
    """End a dispute: the adjustment enters the next settlement of the agreement; the document stays as it is."""
    from assets.settling.disputes import resolve_dispute

    with opened_database() as connection:
        resolve_dispute(
            connection, dispute_id, minor_units, on=day_of(on), requested_by=by or getuser(),
            approved_by=approved_by, detail=detail,
        )  # fmt: skip
    console.print(f"{dispute_id} is resolved with an adjustment of {minor_units} minor units", markup=False)
