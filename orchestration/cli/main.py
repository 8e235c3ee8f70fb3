"""The command line: drives the same Dagster assets as the UI, in this process.

Belongs here: which commands there are, in the order of the help, and those around the program itself.
Exit codes: 0 done, 1 refused or failed, 2 wrong usage, 3 someone else is at work.
Belongs elsewhere: the other commands (``intake``, ``periods``, ``questions``, and one module a group), refusals
(``endings``).
"""

from typing import Annotated

import typer

from orchestration.cli.endings import ClearlyEndingCommands
from orchestration.cli.intake import intake
from orchestration.cli.margins import margins
from orchestration.cli.partners import disputes, documents
from orchestration.cli.payments import payments
from orchestration.cli.periods import periods
from orchestration.cli.questions import questions
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

program = typer.Typer()
for commands in (intake, periods, questions, program):
    app.add_typer(commands)
app.add_typer(payments, name="payments")
app.add_typer(terms, name="terms")
app.add_typer(margins, name="margins")
app.add_typer(documents, name="documents")
app.add_typer(disputes, name="disputes")

EXAMPLE_PERIOD = "2026-10-c01"


@program.command()
def ui(
    port: Annotated[int, typer.Option(help="Port on the loopback address.", min=1, max=65_535)] = 3000,
) -> None:
    """Open Dagster: webserver and daemon on the loopback address, until Ctrl-C."""
    from orchestration.cli.ui import serve

    raise typer.Exit(serve(port))


@program.command()
def stop() -> None:
    """Stop the embedded PostgreSQL server cleanly."""
    from orchestration.database.server import stop as stop_server

    console.print("PostgreSQL stopped" if stop_server() else "PostgreSQL was not running")


@program.command("run-month")
def run_month(
    events: Annotated[int, typer.Option(help="Usage events in the example month.", min=1_000)] = 60_000,
) -> None:
    """The example month from nothing to documents: generate, ingest, bill, post, pay. A second time changes nothing."""
    from orchestration.cli.month import run_example_month

    raise typer.Exit(run_example_month(EXAMPLE_PERIOD, events))


if __name__ == "__main__":
    app()
