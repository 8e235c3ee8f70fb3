"""``apportion payments``: what the checker does, and what the bank answers.

Belongs here: the commands and what they print. Belongs elsewhere: the rules (``assets.payments``), proposing payments
(``apportion pay``).
"""

from getpass import getuser
from pathlib import Path
from typing import Annotated, Any

import psycopg
import typer

from orchestration.cli.arguments import ByOption, day_of
from orchestration.cli.starting import opened_database
from orchestration.cli.terminal import console

payments = typer.Typer(
    no_args_is_help=True,
    help="The bank's files: show them, approve or decline (a second person), hand over, take in the bank's answers.",
)
MessageArgument = Annotated[
    str, typer.Argument(help="The file's message id, as `list` shows it.", metavar="MESSAGE_ID")
]
PaymentArgument = Annotated[str, typer.Argument(help="The payment's id, as `list` shows it.", metavar="PAYMENT_ID")]
HashOption = Annotated[str, typer.Option(help="SHA-256 of the file that was looked at, as `list` shows it.")]


@payments.command("list")
def list_files() -> None:
    """Every file with its sum, hash, decision, and the states of its payments."""
    from assets.money import Money, format_money
    from assets.payments.netting import nettings
    from assets.payments.release import payment_files
    from orchestration.cli.summary import table_of

    with opened_database() as connection:
        files, set_off = payment_files(connection), nettings(connection)
    table = table_of("Payment files", "message id", "payments", "sum", "made by", "decided by", "states")
    for file in files:
        table.add_row(
            file["message_id"], f"{file['transaction_count']:,}",
            format_money(Money(file["control_sum_minor"], file["currency_code"]), "en"), file["prepared_by"],
            f"{file['decision'] or 'waits'} {file['decided_by'] or ''}", ", ".join(file["payment_states"] or []),
        )  # fmt: skip
    console.print(table)
    _print_nettings(set_off)
    for file in files:
        console.print(f"{file['message_id']}  SHA-256 {file['content_sha256']}", markup=False)


def _print_nettings(rows: list[dict[str, Any]]) -> None:
    from assets.money import Money, format_money
    from orchestration.cli.summary import table_of

    if not rows:
        return
    table = table_of(
        "Set off whole, nothing to transfer", "payment", "documents", "set off", "proposed by", "decided by"
    )
    for row in rows:
        table.add_row(
            row["payment_id"], row["documents"],
            format_money(Money(row["set_off_minor"] or 0, row["currency_code"]), "en"), row["proposed_by"],
            f"{row['decision'] or 'waits'} {row['decided_by'] or ''}",
        )  # fmt: skip
    console.print(table)


@payments.command()
def due(
    within: Annotated[int, typer.Option(help="Days ahead that the statutory latest day is watched.")] = 14,
    on: Annotated[str, typer.Option("--on", help="The day, YYYY-MM-DD; default: today.")] = "",
    csv_file: Annotated[Path | None, typer.Option("--csv", help="Write all open claims to this file.")] = None,
) -> None:
    """Open claims in both directions; those whose statutory latest day is near come first and are marked."""
    from assets.money import Money, format_money
    from assets.payments.due import as_text, claims_to_watch, open_claims
    from orchestration.cli.partners import write_csv
    from orchestration.cli.summary import table_of

    day = day_of(on)
    with opened_database() as connection:
        rows, watched = open_claims(connection, day), claims_to_watch(connection, day, within)
    numbers = {row["document_number"] for row in watched}
    table = table_of("Open claims", "document", "payer -> receiver", "open", "held back", "due", "latest day", "state")
    for row in rows:
        mark = "[red]pay now[/red] " if row["document_number"] in numbers and row["is_watched"] else ""
        table.add_row(
            row["document_number"], f"{row['payer_party_id']} -> {row['receiver_party_id']}",
            format_money(Money(row["open_minor"], row["currency_code"]), "en"),
            format_money(Money(row["held_minor"], row["currency_code"]), "en"), str(row["due_date"]),
            f"{mark}{row['latest_payment_date']}", row["state"] if row["is_approved"] else "terms not approved",
        )  # fmt: skip
    console.print(table)
    if csv_file is not None:
        write_csv(csv_file, as_text(rows))
    if watched:
        console.print(f"[red]{len(watched)} claim(s) have to be paid within {within} days by law[/red]")


@payments.command("rate-differences")
def rate_differences(by: ByOption = "") -> None:
    """Adjust the next settlement by what the rate moved until the payment, where the receiver bears it."""
    from assets.money import Money, format_money
    from assets.payments.rate_differences import adjust_rate_differences

    with opened_database() as connection:
        made, waiting = adjust_rate_differences(connection, by=by or getuser())
    for row in made:
        amount = format_money(Money(row["amount_minor"], row["currency_code"]), "en")
        console.print(
            f"{row['adjustment_id']} {row['agreement_id']} -> {row['receiver_party_id']}: {amount}", markup=False
        )
    console.print(f"{len(made)} adjustment(s), {waiting} payment(s) wait for a rate of their day")


@payments.command()
def show(message_id: MessageArgument) -> None:
    """Print a file as the bank would get it."""
    from assets.publishing.refusal import Refusal

    with opened_database() as connection:
        row = connection.execute(
            "select content from ledger.payment_files where message_id = %s", [message_id]
        ).fetchone()
    if row is None:
        raise Refusal("no_file", f"there is no payment file {message_id}.", "List them: apportion payments list.")
    console.print(row[0], markup=False, soft_wrap=True)


@payments.command()
def approve(message_id: MessageArgument, sha256: HashOption, by: ByOption = "") -> None:
    """Approve a file somebody else has made. Approved is final; the file can then be handed over."""
    _decide(message_id, approve=True, by=by, sha256=sha256)


@payments.command()
def decline(
    message_id: MessageArgument,
    sha256: HashOption,
    by: ByOption = "",
    reason: Annotated[str, typer.Option(help="Kept with the decision.")] = "",
) -> None:
    """Decline a file: its claims are open again and can be proposed anew."""
    _decide(message_id, approve=False, by=by, sha256=sha256, reason=reason)


def _decide(message_id: str, *, approve: bool, by: str, sha256: str, reason: str = "") -> None:
    from assets.payments.release import decide

    with opened_database() as connection:
        decide(
            connection, message_id, approve=approve, decided_by=by or getuser(), content_sha256=sha256, detail=reason
        )
    console.print(f"{message_id} {'approved' if approve else 'declined'} by {by or getuser()}", markup=False)


@payments.command("approve-netting")
def approve_netting(payment_id: PaymentArgument, by: ByOption = "") -> None:
    """Approve a set-off that leaves nothing to transfer and that somebody else has proposed: it is booked."""
    _decide_netting(payment_id, approve=True, by=by)


@payments.command("decline-netting")
def decline_netting(
    payment_id: PaymentArgument,
    by: ByOption = "",
    reason: Annotated[str, typer.Option(help="Kept with the decision.")] = "",
) -> None:
    """Decline a set-off: its claims are open again and can be proposed anew."""
    _decide_netting(payment_id, approve=False, by=by, reason=reason)


def _decide_netting(payment_id: str, *, approve: bool, by: str, reason: str = "") -> None:
    from assets.payments.netting import decide_netting

    with opened_database() as connection:
        decide_netting(connection, payment_id, approve=approve, decided_by=by or getuser(), detail=reason)
    console.print(f"{payment_id} {'approved' if approve else 'declined'} by {by or getuser()}", markup=False)


@payments.command("hand-over")
def hand_over_file(
    message_id: MessageArgument,
    into: Annotated[Path | None, typer.Option(help="The bank's folder; default: APPORTION_BANK.")] = None,
    by: ByOption = "",
    again: Annotated[bool, typer.Option(help="Write it again: the bank was asked and has not got it.")] = False,
) -> None:
    """Put an approved file where the bank takes it, once."""
    from assets.payments.release import hand_over
    from orchestration.paths import bank_folder

    with opened_database() as connection:
        done = hand_over(connection, message_id, into or bank_folder(), by=by or getuser(), again=again)
    console.print(f"{message_id}: {done.path if done else 'was handed over before'}", markup=False)


@payments.command()
def answers(folder: Annotated[Path, typer.Argument(help="Folder with the bank's pain.002 files.")]) -> None:
    """Take in the bank's answers, each once; what is rejected can be paid again, under another id."""
    from assets.payments.bank_answers import take_in_answers

    with opened_database() as connection:
        for taken in take_in_answers(connection, folder):
            counts = ", ".join(f"{count} {status}" for status, count in sorted(taken.counts.items()))
            console.print(f"{taken.file_name}: {counts or taken.note or 'nothing in it'}", markup=False)


def release_all(connection: psycopg.Connection, *, checker: str) -> None:
    """Approve and hand over all that waits: for the example month, where nobody is there to look."""
    from assets.payments.netting import decide_netting, nettings
    from assets.payments.release import decide, hand_over, payment_files
    from orchestration.paths import bank_folder

    for row in nettings(connection, only_waiting=True):
        decide_netting(connection, row["payment_id"], approve=True, decided_by=checker)
    files = payment_files(connection)
    for file in files:
        if file["decision"] is None:
            decide(
                connection,
                file["message_id"],
                approve=True,
                decided_by=checker,
                content_sha256=file["content_sha256"],
            )
        connection.commit()
        if file["decision"] != "declined" and file["attempt_number"] is None:
            hand_over(connection, file["message_id"], bank_folder(), by=checker)
