"""A command that is refused ends with one line and an exit code; a fault of the program keeps its stack trace."""

import io

import dagster as dg
import psycopg
import pytest
from dagster_postgres.utils import DagsterPostgresException
from rich.console import Console
from typer.testing import CliRunner

from assets.documents.files import FolderInUseError
from assets.publishing.refusal import Refusal
from assets.quality.assets import gate_check_result
from assets.quality.gates import GateOutcome
from orchestration.cli import endings
from orchestration.cli.endings import failed_run_exit_code
from orchestration.cli.main import app
from orchestration.cli.runner import error_names, failure_text
from orchestration.database.durability import UnsafeServerError
from orchestration.database.lease import LeaseHeld, LeaseSuperseded, TakeOverFailed
from orchestration.database.migrations import MigrationError
from orchestration.database.server import DatabaseServerError
from orchestration.failures import PermanentFailure, refusals_are_permanent

REFUSAL = Refusal("not_published", "2026-10-c01 has no published draft.", "Run the bill run of the period first.")


@pytest.fixture
def printed(monkeypatch) -> io.StringIO:
    """What the commands print, on a terminal narrower than the messages."""
    text = io.StringIO()
    monkeypatch.setattr(endings, "console", Console(file=text, width=20))
    return text


def post_when_the_database_raises(monkeypatch, error: Exception):
    def refuse() -> str:
        raise error

    monkeypatch.setattr("orchestration.database.server.ensure_database", refuse)
    return CliRunner().invoke(app, ["post", "2026-10-c01"])


@pytest.mark.parametrize(
    ("error", "exit_code", "line"),
    [
        (DatabaseServerError("the server does not start:\n  FATAL: no space\n"), 1, "does not start: FATAL: no space"),
        (UnsafeServerError("bills could be lost: fsync: found [off]"), 1, "bills could be lost: fsync: found [off]"),
        (MigrationError("the tables are of a newer version"), 1, "the tables are of a newer version"),
        (psycopg.OperationalError("connection refused"), 1, "connection refused"),
        (REFUSAL, 1, "has no published draft. Run the bill run of the period first."),
        (PermissionError(13, "Permission denied", "/locked"), 1, "Permission denied: '/locked'"),
        (
            PermanentFailure("manifest.json is missing: run `make setup`"),
            1,
            "manifest.json is missing: run `make setup`",
        ),
        (DagsterPostgresException("too many retries"), 1, "is undone: start it, then the command again."),
        (LeaseHeld("lane build is at work for 2026-10-c01"), 3, "LeaseHeld: lane build is at work for 2026-10-c01"),
        (LeaseSuperseded("token superseded"), 3, "LeaseSuperseded: token superseded"),
        (TakeOverFailed("sessions do not end"), 3, "TakeOverFailed: sessions do not end"),
        (FolderInUseError("csv is being written"), 3, "FolderInUseError: csv is being written"),
    ],
    ids=lambda value: type(value).__name__ if isinstance(value, Exception) else "",
)
def test_a_refusal_is_one_line_and_an_exit_code(monkeypatch, printed, error, exit_code, line):
    ended = post_when_the_database_raises(monkeypatch, error)
    assert ended.exit_code == exit_code
    assert printed.getvalue().count("\n") == 1
    assert printed.getvalue().endswith(f"{line}\n")
    assert "Traceback" not in ended.output


@pytest.mark.parametrize(
    "arguments",
    [
        ("generate", "--month", "2026-99"),
        ("ingest", "--inbox", "/no/such/folder"),
        ("ui", "--port", "99999999"),
        ("bill-run", "2026-10-c01", "--issue-date", "tomorrow"),
        ("pay", "2026-10-c01", "--execution-date", "2026-02-30"),
    ],
)
def test_what_cannot_be_meant_is_wrong_usage(arguments):
    assert CliRunner().invoke(app, arguments).exit_code == 2


@pytest.mark.parametrize("fault", [KeyError("amount_minor"), psycopg.errors.UndefinedTable("no such table")])
def test_a_fault_of_the_program_keeps_its_stack_trace(monkeypatch, printed, fault):
    ended = post_when_the_database_raises(monkeypatch, fault)
    assert ended.exception is fault
    assert printed.getvalue() == ""


@pytest.mark.parametrize(
    "address", ["nothing", "mysql://me:secret@host/db", "host=me password=secret", "postgresql://%"]
)
def test_an_address_that_is_none_is_one_line_without_its_password(monkeypatch, printed, address):
    monkeypatch.setenv("APPORTION_DATABASE_URL", address)
    assert CliRunner().invoke(app, ["post", "2026-10-c01"]).exit_code == 1
    assert "expected postgresql://user:password@host:port/database" in printed.getvalue()
    assert "secret" not in printed.getvalue()


def run_that_raises(error: Exception) -> dg.ExecuteInProcessResult:
    # More retries than the default of none, to see that a refusal asks for none of them.
    @dg.op(retry_policy=dg.RetryPolicy(max_retries=2))
    def stage() -> None:
        with refusals_are_permanent():
            raise error

    @dg.job
    def period() -> None:
        stage()

    return period.execute_in_process(raise_on_error=False)


def test_a_refusal_inside_a_run_is_a_permanent_failure_that_says_what_to_do():
    result = run_that_raises(REFUSAL)
    assert failure_text(result) == str(REFUSAL)
    assert not [event for event in result.all_events if event.is_step_up_for_retry]
    (failure,) = [event.step_failure_data for event in result.all_events if event.is_step_failure]
    assert failure.user_failure_data.metadata["refusal"].value == "not_published"
    assert failure.user_failure_data.metadata["remedy"].value == "Run the bill run of the period first."
    assert failed_run_exit_code(error_names(result)) == 1


def test_a_run_that_finds_its_lane_taken_ends_with_3():
    @dg.op
    def stage() -> None:
        raise LeaseHeld("lane build is at work")

    @dg.job
    def period() -> None:
        stage()

    result = period.execute_in_process(raise_on_error=False)
    assert failure_text(result) == "stage: orchestration.database.lease.LeaseHeld: lane build is at work"
    assert failed_run_exit_code(error_names(result)) == 3


def test_a_run_that_was_interrupted_says_that_and_what_to_do():
    # Dagster's own of this name would end the test as well.
    interrupted = type("DagsterExecutionInterruptedError", (Exception,), {})()
    text = failure_text(run_that_raises(interrupted))
    assert text == "stage was interrupted. What it had not finished is undone: start the command again."


def test_other_errors_pass_the_mapping_unchanged():
    with pytest.raises(KeyError), refusals_are_permanent():
        raise KeyError("amount_minor")


def test_a_shut_gate_names_the_check_and_its_first_offenders():
    @dg.asset
    def lines() -> None: ...

    check = {"check": "every_numbered_file_came", "relation": "numbered_files", "passed": False, "failures": 1}
    outcome = GateOutcome("lines_before_posting", False, 3, "digest", [check | {"offenders": ["iot 2026-10 2"]}])

    @dg.asset_check(asset=lines, blocking=True)
    def gate() -> dg.AssetCheckResult:
        return gate_check_result(outcome)

    result = dg.materialize([lines, gate], raise_on_error=False)
    assert not result.success
    assert failure_text(result) == (
        "lines_before_posting: every_numbered_file_came failed for 1 of numbered_files (iot 2026-10 2)"
    )
