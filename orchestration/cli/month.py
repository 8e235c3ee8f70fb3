"""The example month in one go, and what it says at the end."""

import time
from collections.abc import Callable

from orchestration.cli import summary
from orchestration.cli.endings import failed_run_exit_code
from orchestration.cli.margins import approve_all_margins
from orchestration.cli.payments import release_all
from orchestration.cli.runner import dagster_instance, error_names, failure_text, log_file, run_job
from orchestration.cli.terminal import console
from orchestration.cli.terms import approve_all
from orchestration.paths import bank_folder, book_folder, documents_folder, home, inbox_folder

# The example has two people in one process; in earnest the second one types the command.
MAKER, CHECKER = "example maker", "example checker"


def run_example_month(period_id: str, events: int) -> int:
    """Generate, ingest, bill, post, pay one month; returns the exit code: 0 only when every check holds."""
    from assets.quality.gates import warm_up
    from orchestration.database.connection import connect
    from orchestration.database.server import ensure_database
    from orchestration.dbt.ahead import start_ahead
    from orchestration.dbt.manifest import LANE, SETTLEMENT_LANE

    started = time.monotonic()
    seconds: dict[str, float] = {}

    def timed(name: str, action: Callable):
        begun = time.monotonic()
        outcome = action()
        seconds[name] = time.monotonic() - begun
        console.print(f"[green]{name:<10}[/green] {seconds[name]:6.1f} s")
        return outcome

    timed("database", ensure_database)
    # Two things that take seconds to start: they do it beside generating and taking in.
    start_ahead((LANE, SETTLEMENT_LANE))
    warm_up()
    timed("generate", lambda: _generate_once(period_id, events))
    with connect() as connection:
        before = _state_digest(connection)
    instance = dagster_instance()
    settlement_period_id = f"{period_id[:7]}-month"
    paid = {"dry_run": False, "execution_date": "", "maker": MAKER}
    jobs = (
        ("ingest", None, None),
        ("bill_run", period_id, {"bill_run_scope": {"issue_date": ""}}),
        ("post", period_id, None),
        ("pay", period_id, {"ledger__payments": paid}),
        ("settle", settlement_period_id, {"settlement_run_scope": {"issue_date": ""}}),
        ("post_settlement", settlement_period_id, None),
        ("pay_settlement", settlement_period_id, {"settlement_ledger__payments": paid}),
    )
    for job_name, partition, ops in jobs:
        if job_name == "pay":
            with connect() as connection:
                timed("approve", lambda: approve_all(connection, book_folder(), maker=MAKER, checker=CHECKER))
                approve_all_margins(connection, period_id, checker=CHECKER)
        result = timed(
            job_name, lambda job=job_name, key=partition, o=ops: run_job(instance, job, period_id=key, ops=o)
        )
        if not result.success:
            console.print(f"{job_name} failed: {failure_text(result)}", style="red", markup=False)
            console.print(f"what its tools printed: {log_file(job_name)}", markup=False)
            return failed_run_exit_code(error_names(result))
    with connect() as connection:
        timed("release", lambda: release_all(connection, checker=CHECKER))
        holds = _print_all(connection, period_id)
        unchanged = _state_digest(connection) == before
    if unchanged:
        console.print(
            "[bold]Nothing changed: every file had been read and the period was posted and paid before.[/bold]"
        )
    console.print(f"\n{time.monotonic() - started:.1f} s in all. Now look at:")
    console.print(f"  {documents_folder() / period_id / 'index.html'}  bills, statements, CSV, reconciliation")
    console.print(
        f"  {documents_folder() / settlement_period_id / 'index.html'}  the same of the month's settlement run"
    )
    console.print(f"  {bank_folder()}  the bank's files (pain.001), as a bank would fetch them")
    console.print(f"  {home()}  state; `apportion ui` opens Dagster, `make stop` ends PostgreSQL")
    return 0 if holds else 1


def _generate_once(period_id: str, events: int) -> None:
    """Make the month's files unless they lie there already (the generator is a function of its seed)."""
    from assets.synthetic.generate import generate_month

    folder = inbox_folder()
    if (folder / ".expected.json").exists():
        return
    generate_month(folder, book_folder(), period_month=period_id[:7], events=events)


def _state_digest(connection) -> tuple:
    """What a second run must not change. That its gates looked again is written down and is no change."""
    return connection.execute(
        """
        select
            (select count(*) from inbox.usage_rows),
            (select count(*) from inbox.row_dispositions),
            (select count(*) from inbox.files where state = 'loaded'),
            (select string_agg(output_digest || state, ',' order by bill_run_id) from control.bill_runs),
            (select count(*) from ledger.customer_bills),
            (select count(*) from ledger.payments),
            (select count(*) from control.audit_chain where payload ->> 'kind' <> 'gate')
        """
    ).fetchone()


def _print_all(connection, period_id: str) -> bool:
    summary.print_intake(connection)
    counts_equal = summary.print_expected_counts(connection, inbox_folder())
    summary.print_bills(connection, period_id)
    summary.print_settlements(connection, period_id)
    summary.print_settlement_period(connection, f"{period_id[:7]}-month")
    summary.print_settlements(connection, f"{period_id[:7]}-month")
    equations_hold = True
    for each in (period_id, f"{period_id[:7]}-month"):
        equations_hold = summary.print_reconciliation(connection, each) and equations_hold
        summary.print_digests(connection, each)
    return counts_equal and equations_hold
