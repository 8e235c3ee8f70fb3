"""Commands before a period is billed: check a book, make an example month, take files in, answer for missing ones.

Belongs here: the commands and what they print. Belongs elsewhere: running a job (``starting``), the intake's summary
(``summary``).
"""

from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, cast

import typer

from orchestration.cli.arguments import checked_month
from orchestration.cli.starting import opened_database, run
from orchestration.cli.terminal import console

intake = typer.Typer()


@intake.command()
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

        with opened_database() as connection:
            arrived = read_populations(connection, checked.book.valid_operator.time_zone)
        problems += role_problems(checked.book, arrived)
    for problem in problems:
        console.print(str(problem), markup=False)
    if problems:
        console.print(f"[red]{len(problems)} problem(s) in {book}[/red]")
        raise typer.Exit(1)
    console.print(f"[green]{book} is sound[/green]: digest {checked.digest}")


@intake.command()
def generate(
    into: Annotated[Path | None, typer.Option(help="Folder to write to; default: the inbox.")] = None,
    month: Annotated[str, typer.Option(help="The month of usage, YYYY-MM.", callback=checked_month)] = "2026-10",
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
    from assets.synthetic.months import sent_at
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
    if sent_at(month) > datetime.now(UTC):
        console.print(
            f"Their manifests say sent at {sent_at(month):%Y-%m-%d %H:%M} UTC: ingest refuses them until then."
        )


@intake.command()
def ingest(
    inbox: Annotated[
        Path | None,
        typer.Option(
            help="Landing folder; default: APPORTION_INBOX or the state folder.", exists=True, file_okay=False
        ),
    ] = None,
) -> None:
    """Check and load the book, then take in every file that has landed."""
    import os

    from assets.ingestion.assets import LEFT_ALONE
    from orchestration.cli import summary

    if inbox is not None:
        os.environ["APPORTION_INBOX"] = str(inbox.resolve())
    result = run("ingest")
    with opened_database() as connection:
        summary.print_intake(connection)
    files = next(made for made in result.asset_materializations_for_node("inbox") if LEFT_ALONE in made.metadata)
    summary.print_left_alone(cast("list[str]", files.metadata[LEFT_ALONE].value))


@intake.command("accept-missing-file")
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

    missing = MissingFile(feed, month, number, None)
    with opened_database() as connection:
        accept(connection, missing, accepted_by=by, reason=reason)
    console.print(
        f"{missing}: accepted as missing by {by}. The next bill run of the period can be published.", markup=False
    )


@intake.command("returns")
def returns(
    feed: Annotated[str, typer.Argument(help="The usage specification whose sender gets records back: tap.")],
    out: Annotated[Path, typer.Option(help="The CSV file to write.")],
) -> None:
    """Write the return report of a feed: every refused file, rejected row and conflict, each with the reason."""
    from assets.ingestion.returns import write_return_report

    with opened_database() as connection:
        count = write_return_report(connection, feed, out)
    console.print(f"{out}: {count:,} entries of feed {feed}.")
