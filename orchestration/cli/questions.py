"""Commands that answer what would be, and leave no trace in what is: quote, whatif, running, term-sheet.

Belongs here: the commands and their options. Belongs elsewhere: the answers (``quote``, ``beside``, ``terms``).
"""

from pathlib import Path
from typing import Annotated

import typer

from orchestration.cli.arguments import PeriodArgument, checked_period
from orchestration.cli.terminal import console

questions = typer.Typer()


@questions.command()
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


@questions.command()
def whatif(
    period: PeriodArgument,
    book: Annotated[Path, typer.Option(help="Another book: a draft of prices, agreements, terms.")],
    into: Annotated[Path | None, typer.Option(help="Folder; default: whatif beside the documents.")] = None,
) -> None:
    """What another book would change in a period: per customer, hop, partner and margin. Nothing is published."""
    from orchestration.cli.beside import print_whatif
    from orchestration.paths import documents_folder

    print_whatif(checked_period(period), book, into or documents_folder() / "whatif" / period)


@questions.command()
def running(
    period: PeriodArgument,
    into: Annotated[Path | None, typer.Option(help="Folder; default: running beside the documents.")] = None,
) -> None:
    """A period that has not ended, as it is so far: unbilled usage, provisional statements of partners."""
    from orchestration.cli.beside import print_running
    from orchestration.paths import documents_folder

    print_running(checked_period(period), into or documents_folder() / "running" / period)


@questions.command("term-sheet")
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
