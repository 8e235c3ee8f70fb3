"""How a command ends when something says no: one line and an exit code, never a stack trace.

Belongs here: which exceptions are answers for people, their exit codes, the failure of a run put into an exit code.
Belongs elsewhere: what they say (where they are raised). Any other exception is a fault of the program and keeps its
stack trace.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import typer
from typer.core import TyperGroup

from orchestration.cli.terminal import console

REFUSED = 1
SOMEONE_ELSE_AT_WORK = 3
# A failed run holds the names of its exceptions only, so both ways of failing are told apart by name.
LEASE_FAILURES = ("LeaseHeld", "LeaseSuperseded", "TakeOverFailed", "FolderInUseError")
# Dagster's own, of a server that went away during a run; importing it would take a second.
_DATABASE_GONE = "DagsterPostgresException"


def _exit_code(error: Exception) -> int | None:
    """The exit code of an exception that is an answer; None for a fault of the program."""
    import psycopg

    from assets.documents.files import FolderInUseError
    from assets.publishing.refusal import Refusal
    from orchestration.database.durability import UnsafeServerError
    from orchestration.database.lease import LeaseHeld, LeaseSuperseded, TakeOverFailed
    from orchestration.database.migrations import MigrationError
    from orchestration.database.server import DatabaseServerError
    from orchestration.failures import PermanentFailure

    if isinstance(error, LeaseHeld | LeaseSuperseded | TakeOverFailed | FolderInUseError):
        return SOMEONE_ELSE_AT_WORK
    answers = (DatabaseServerError, UnsafeServerError, MigrationError, Refusal, PermanentFailure)
    if type(error).__name__ == _DATABASE_GONE:
        return REFUSED
    # A folder that is not there, may not be written or is full; the message names it.
    if isinstance(error, OSError) and error.filename is not None:
        return REFUSED
    # An address at which no server answers is a psycopg error of exactly this class; its subclasses are other things.
    return REFUSED if isinstance(error, answers) or type(error) is psycopg.OperationalError else None


def one_line(error: Exception) -> str:
    """What the exception says, in one line; a lease's with its name, which the runbook lists."""
    text = " ".join((getattr(error, "description", None) or str(error)).split())
    name = type(error).__name__
    if name == _DATABASE_GONE:
        return "the database no longer answers. What had not finished is undone: start it, then the command again."
    return f"{name}: {text}" if name in LEASE_FAILURES else text


@contextmanager
def clear_ending() -> Iterator[None]:
    """Turn an exception that is an answer into its line and its exit code."""
    try:
        yield
    except typer.Exit:
        raise  # The command has said its end itself.
    except Exception as error:
        code = _exit_code(error)
        if code is None:
            raise
        console.print(one_line(error), style="red", markup=False, soft_wrap=True)
        raise typer.Exit(code) from error


def failed_run_exit_code(error_names: list[str]) -> int:
    """The exit code of a failed run, by the names of the exceptions in its failed steps."""
    return SOMEONE_ELSE_AT_WORK if any(name in LEASE_FAILURES for name in error_names) else REFUSED


class ClearlyEndingCommands(TyperGroup):
    """Commands that end as ``clear_ending`` says, however they are started."""

    def invoke(self, ctx: Any) -> Any:
        """Run the command that was named."""
        with clear_ending():
            return super().invoke(ctx)
