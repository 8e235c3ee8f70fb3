"""How commands start: the server is up and a connection open, or a job of Dagster runs and its failure is their end.

Belongs here: both, for all commands. Belongs elsewhere: running the job (``runner``), exit codes (``endings``).
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

import psycopg
import typer

from orchestration.cli.endings import failed_run_exit_code
from orchestration.cli.terminal import console

if TYPE_CHECKING:
    import dagster as dg


@contextmanager
def opened_database() -> Iterator[psycopg.Connection]:
    """A connection to the database, whose server is started and whose schema is made where they are not yet."""
    from orchestration.database.connection import connect
    from orchestration.database.server import ensure_database

    ensure_database()
    with connect() as connection:
        yield connection


def run(job_name: str, *, period_id: str | None = None, ops: dict | None = None) -> "dg.ExecuteInProcessResult":
    """Run a job and leave with a clear message when it fails."""
    from orchestration.cli.runner import dagster_instance, error_names, failure_text, log_file, run_job
    from orchestration.database.server import ensure_database

    ensure_database()
    result = run_job(dagster_instance(), job_name, period_id=period_id, ops=ops)
    if not result.success:
        console.print(f"{job_name} failed: {failure_text(result)}", style="red", markup=False)
        console.print(f"what its tools printed: {log_file(job_name)}", markup=False)
        raise typer.Exit(failed_run_exit_code(error_names(result)))
    return result
