"""The command line: drives the same Dagster assets as the UI, in this process.

Belongs here: commands, their help, exit codes (0 done, 1 refused or failed, 2 wrong usage, 3 someone else is at work).
Belongs elsewhere: running a job (``runner``), what is printed at the end (``summary``), refusals (``endings``).
"""

from pathlib import Path
from typing import Annotated

import typer

from orchestration.cli.endings import ClearlyEndingCommands, failed_run_exit_code
from orchestration.cli.margins import margins
from orchestration.cli.partners import disputes, documents
from orchestration.cli.payments import payments
from orchestration.cli.terminal import console
from orchestration.cli.terms import terms

app = typer.Typer(
    name="apportion",
    cls=ClearlyEndingCommands,
    no_args_is_help=True,
    rich_markup_mode="markdown",
    pretty_exceptions_enable=False,
    help="""Usage files and contracts in; one bill per customer, one settlement per partner, a proof of every cent out.

A month in order: `apportion check BOOK`, `apportion ingest`, `apportion bill-run 2026-10-c01` (repeat until you like
the draft), `apportion post 2026-10-c01`, `apportion pay 2026-10-c01`. `apportion run-month` does it on the example.
""",
)

app.add_typer(payments, name="payments")
app.add_typer(terms, name="terms")
app.add_typer(margins, name="margins")
app.add_typer(documents, name="documents")
app.add_typer(disputes, name="disputes")

PeriodArgument = Annotated[
    str, typer.Argument(help="The period: month and bill cycle, for example `2026-10-c01`.", metavar="PERIOD")
]
EXAMPLE_PERIOD = "2026-10-c01"


def _checked_period(period_id: str) -> str:
    from orchestration.partitions import checked_period_id

    try:
        return checked_period_id(period_id)
    except ValueError as problem:
        raise typer.BadParameter(str(problem)) from problem


def _run(job_name: str, *, period_id: str | None = None, ops: dict | None = None) -> None:
    """Run a job and leave with a clear message when it fails."""
    from orchestration.cli.runner import dagster_instance, error_names, failure_text, log_file, run_job
    from orchestration.database.server import ensure_database

    ensure_database()
    result = run_job(dagster_instance(), job_name, period_id=period_id, ops=ops)
    if not result.success:
        console.print(f"{job_name} failed: {failure_text(result)}", style="red", markup=False)
        console.print(f"what its tools printed: {log_file(job_name)}", markup=False)
        raise typer.Exit(failed_run_exit_code(error_names(result)))


@app.command()
def check(
    book: Annotated[Path, typer.Argument(help="The book's folder.")] = Path("examples/book"),
    populations: Annotated[
        bool, typer.Option("--populations", help="Also: whether roles lead to somebody for all that has been sold.")
    ] = False,
) -> None:
    """Validate a whole book: all problems at once, each with file, line, found, expected, remedy."""
    from assets.catalog.check import check_book

    checked = check_book(book)
    problems = list(checked.problems)
    if populations and not problems:
        from assets.catalog.role_populations import read_populations, role_problems
        from orchestration.database.connection import connect
        from orchestration.database.server import ensure_database

        ensure_database()
        with connect() as connection:
            arrived = read_populations(connection, checked.book.valid_operator.time_zone)
        problems += role_problems(checked.book, arrived)
    for problem in problems:
        console.print(str(problem), markup=False)
    if problems:
        console.print(f"[red]{len(problems)} problem(s) in {book}[/red]")
        raise typer.Exit(1)
    console.print(f"[green]{book} is sound[/green]: digest {checked.digest}")


@app.command()
def generate(
    into: Annotated[Path | None, typer.Option(help="Folder to write to; default: the inbox.")] = None,
    month: Annotated[str, typer.Option(help="The month of usage, YYYY-MM.")] = "2026-10",
    events: Annotated[int, typer.Option(help="Usage events to make.", min=1_000)] = 60_000,
    customers: Annotated[int, typer.Option(help="Customers to make.", min=300)] = 300,
    seed: Annotated[int, typer.Option(help="Same seed, same bytes.")] = 20261001,
    hold_back: Annotated[
        str,
        typer.Option(help="A feed, `iot`: its last file is put into held-back/ as if it never came."),
    ] = "",
) -> None:
    """Make a month of customers, partners and usage, with planted faults whose counts are stated in .expected.json."""
    from rich.progress import Progress

    from assets.synthetic.generate import generate_month
    from orchestration.paths import book_folder, inbox_folder

    folder = into or inbox_folder()
    with Progress(console=console, transient=True) as progress:
        task = progress.add_task("generate", total=events)
        made = generate_month(
            folder, book_folder(), period_month=month, seed=seed, events=events, customers=customers,
            progress=lambda done, total: progress.update(task, completed=done, total=total),
            hold_back=hold_back or None,
        )  # fmt: skip
    console.print(f"{made.rows_total:,} usage rows in {made.files_total} file(s) for {customers} customers -> {folder}")


@app.command()
def ingest(
    inbox: Annotated[
        Path | None, typer.Option(help="Landing folder; default: APPORTION_INBOX or the state folder.")
    ] = None,
) -> None:
    """Check and load the book, then take in every file that has landed."""
    import os

    from orchestration.cli import summary
    from orchestration.database.connection import connect

    if inbox is not None:
        os.environ["APPORTION_INBOX"] = str(inbox.resolve())
    _run("ingest")
    with connect() as connection:
        summary.print_intake(connection)


@app.command("accept-missing-file")
def accept_missing_file(
    feed: Annotated[str, typer.Argument(help="The usage specification whose file never came, for example `iot`.")],
    number: Annotated[int, typer.Argument(help="Its number.", min=0)],
    by: Annotated[str, typer.Option(help="The name of the person who answers for it.")],
    reason: Annotated[str, typer.Option(help="Why the period may go out without it.")],
    month: Annotated[str, typer.Option(help="YYYY-MM, for a feed whose numbers start again every month.")] = "",
) -> None:
    """Let periods out although a numbered file never came: a recorded act, under a person's name, for ever."""
    from assets.ingestion.numbering import MissingFile
    from assets.ingestion.numbering import accept_missing_file as accept
    from orchestration.database.connection import connect
    from orchestration.database.server import ensure_database

    ensure_database()
    missing = MissingFile(feed, month, number, None)
    with connect() as connection:
        accept(connection, missing, accepted_by=by, reason=reason)
    console.print(f"{missing}: accepted as missing by {by}. The next bill run of the period can be published.")


@app.command("returns")
def returns(
    feed: Annotated[str, typer.Argument(help="The usage specification whose sender gets records back: roaming.")],
    out: Annotated[Path, typer.Option(help="The CSV file to write.")],
) -> None:
    """Write the return report of a feed: every refused file, rejected row and conflict, each with the reason."""
    from assets.ingestion.returns import write_return_report
    from orchestration.database.connection import connect
    from orchestration.database.server import ensure_database

    ensure_database()
    with connect() as connection:
        count = write_return_report(connection, feed, out)
    console.print(f"{out}: {count:,} entries of feed {feed}.")


@app.command("bill-run")
def bill_run(
    period: PeriodArgument,
    issue_date: Annotated[
        str, typer.Option(help="Date on the documents, YYYY-MM-DD; default: the day after the period.")
    ] = "",
) -> None:
    """Rate, share and bill one period; the draft is published when all gates pass. Repeat as often as you like."""
    from orchestration.cli import summary
    from orchestration.database.connection import connect

    period_id = _checked_period(period)
    _run("bill_run", period_id=period_id, ops={"bill_run_scope": {"issue_date": issue_date}})
    with connect() as connection:
        summary.print_bills(connection, period_id)
        summary.print_settlements(connection, period_id)
        holds = summary.print_reconciliation(connection, period_id)
        summary.print_digests(connection, period_id)
    if not holds:
        raise typer.Exit(1)


@app.command()
def post(period: PeriodArgument) -> None:
    """Make the published draft a record (numbers, documents, journal) and print the documents. Posted is for ever."""
    from orchestration.cli import summary
    from orchestration.database.connection import connect
    from orchestration.paths import documents_folder

    period_id = _checked_period(period)
    _run("post", period_id=period_id)
    with connect() as connection:
        summary.print_digests(connection, period_id)
    console.print(f"documents: {documents_folder() / period_id}")


@app.command()
def settle(
    period: Annotated[
        str,
        typer.Argument(
            help="The settlement period, its first month and cycle: `2026-10-month`, `2026-10-quarter`.",
            metavar="PERIOD",
        ),
    ],
    issue_date: Annotated[
        str, typer.Option(help="Date on the documents, YYYY-MM-DD; default: the day after the longest cut-off.")
    ] = "",
    close: Annotated[bool, typer.Option(help="Post the draft: the period is closed for ever.")] = False,
) -> None:
    """Settle the agreements of a cycle from the posted shares of the period: a draft; `--close` posts it.

    What is posted after a period was closed is settled in the next one. `apportion pay PERIOD` pays a closed period.
    """
    from orchestration.cli import summary
    from orchestration.database.connection import connect

    period_id = _checked_period(period)
    _run("settle", period_id=period_id, ops={"settlement_lane__run_inputs": {"issue_date": issue_date}})
    if close:
        _run("post_settlement", period_id=period_id)
    with connect() as connection:
        summary.print_settlement_period(connection, period_id)
        summary.print_settlements(connection, period_id)
        holds = summary.print_reconciliation(connection, period_id)
        summary.print_digests(connection, period_id)
    if not holds:
        raise typer.Exit(1)


@app.command()
def pay(
    period: PeriodArgument,
    dry_run: Annotated[bool, typer.Option(help="Only show what would be paid.")] = True,
    execution_date: Annotated[str, typer.Option(help="YYYY-MM-DD; default: each document's due date.")] = "",
    by: Annotated[str, typer.Option(help="Who proposes the payments; default: who is logged in.")] = "",
) -> None:
    """Propose the payments of a period; with `--no-dry-run` their files wait for a second person to approve.

    `apportion payments` shows the files, approves them and hands them over. Nothing is ever paid twice.
    """
    from getpass import getuser

    from orchestration.cli import summary
    from orchestration.database.connection import connect
    from orchestration.partitions import SETTLEMENT_PERIOD_PARTITIONS, partitions_name

    period_id = _checked_period(period)
    is_settlement = partitions_name(period_id) == SETTLEMENT_PERIOD_PARTITIONS
    _run(
        "pay_settlement" if is_settlement else "pay",
        period_id=period_id,
        ops={
            ("settlement_ledger__payments" if is_settlement else "ledger__payments"): {
                "dry_run": dry_run,
                "execution_date": execution_date,
                "maker": by or getuser(),
            }
        },
    )
    with connect() as connection:
        summary.print_payments(connection, period_id, dry_run=dry_run)


@app.command()
def export(
    period: PeriodArgument,
    into: Annotated[Path | None, typer.Option(help="Folder; default: the documents folder of the period.")] = None,
) -> None:
    """Write CSV files and reconciliation.json of a posted period."""
    from assets.documents.exports import export_period
    from orchestration.database.connection import connect
    from orchestration.database.server import ensure_database
    from orchestration.paths import documents_folder

    period_id = _checked_period(period)
    ensure_database()
    folder = into or documents_folder() / period_id
    with connect() as connection:
        written = export_period(connection, period_id, folder)
    for name, count in written.row_counts.items():
        console.print(f"{count:>10,}  {name}")
    console.print(f"-> {folder}")


@app.command()
def ui(
    port: Annotated[int, typer.Option(help="Port on the loopback address.")] = 3000,
) -> None:
    """Open Dagster: webserver and daemon on the loopback address, until Ctrl-C."""
    from orchestration.cli.ui import serve

    raise typer.Exit(serve(port))


@app.command()
def stop() -> None:
    """Stop the embedded PostgreSQL server cleanly."""
    from orchestration.database.server import stop as stop_server

    stop_server()
    console.print("PostgreSQL stopped")


@app.command()
def quote(
    offering: Annotated[str, typer.Option(help="The offering's id in the book.")],
    usage: Annotated[
        list[str] | None,
        typer.Option(help="What would be used: `voice=120min,zone=DE`, `data=5GB,network=roaming`, `sms=30x1`."),
    ] = None,
    book: Annotated[Path | None, typer.Option(help="The book's folder; default: the one in use.")] = None,
    day: Annotated[str, typer.Option(help="The local day of the usage, YYYY-MM-DD; default: today.")] = "",
    currency: Annotated[str, typer.Option(help="Currency of the bill; default: that of the first price.")] = "",
) -> None:
    """Price a hypothetical usage against an offering, step by step: the models of a bill run, in a database apart."""
    from datetime import date

    from orchestration.cli.quote import quote_offering
    from orchestration.paths import book_folder

    try:
        chosen = date.fromisoformat(day) if day else date.today()
    except ValueError as problem:
        raise typer.BadParameter(f"{day!r} is no day, write YYYY-MM-DD") from problem
    folder = book or book_folder()
    raise typer.Exit(quote_offering(console, folder, offering, usage or [], chosen, currency=currency or None))


@app.command()
def whatif(
    period: PeriodArgument,
    book: Annotated[Path, typer.Option(help="Another book: a draft of prices, agreements, terms.")],
    into: Annotated[Path | None, typer.Option(help="Folder; default: whatif beside the documents.")] = None,
) -> None:
    """What another book would change in a period: per customer, hop, partner and margin. Nothing is published."""
    from orchestration.cli.beside import print_whatif
    from orchestration.paths import documents_folder

    print_whatif(_checked_period(period), book, into or documents_folder() / "whatif" / period)


@app.command()
def running(
    period: PeriodArgument,
    into: Annotated[Path | None, typer.Option(help="Folder; default: running beside the documents.")] = None,
) -> None:
    """A period that has not ended, as it is so far: unbilled usage, provisional statements of partners."""
    from orchestration.cli.beside import print_running
    from orchestration.paths import documents_folder

    print_running(_checked_period(period), into or documents_folder() / "running" / period)


@app.command("term-sheet")
def term_sheet(
    agreement: Annotated[str, typer.Argument(help="The agreement's id in the book.")],
    book: Annotated[Path | None, typer.Option(help="The book's folder; default: the one in use.")] = None,
    into: Annotated[Path | None, typer.Option(help="Folder; default: term-sheets beside the documents.")] = None,
    day: Annotated[
        str, typer.Option("--on", help="The version in force on this day, or the next; default today.")
    ] = "",
    language: Annotated[str, typer.Option(help="Default: the partner's language.")] = "",
    usage: Annotated[list[str] | None, typer.Option(help="Usage of the test settlement, as for `quote`.")] = None,
    test: Annotated[bool, typer.Option(help="With a test settlement by the real models.")] = True,
    by: Annotated[str, typer.Option(help="Who makes it; default: who is logged in.")] = "",
) -> None:
    """An agreement's terms in plain words of the partner's language, with a test settlement, for approval."""
    from orchestration.cli.terms import print_term_sheet
    from orchestration.paths import book_folder, documents_folder

    print_term_sheet(
        agreement, book or book_folder(), into or documents_folder() / "term-sheets", day=day, by=by,
        language=language, said=usage or [], test=test,
    )  # fmt: skip


@app.command("run-month")
def run_month(
    events: Annotated[int, typer.Option(help="Usage events in the example month.", min=1_000)] = 60_000,
) -> None:
    """The example month from nothing to documents: generate, ingest, bill, post, pay. A second time changes nothing."""
    from orchestration.cli.month import run_example_month

    raise typer.Exit(run_example_month(EXAMPLE_PERIOD, events))


if __name__ == "__main__":
    app()
