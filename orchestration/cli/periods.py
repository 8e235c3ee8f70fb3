"""Commands that make a period final, step by step: bill run, post, settle, pay, export.

Belongs here: the commands and the parameters of their jobs. Belongs elsewhere: running a job (``starting``), what is
printed at the end (``summary``).
"""

from pathlib import Path
from typing import Annotated

import typer

from orchestration.cli.arguments import PeriodArgument, checked_day, checked_period
from orchestration.cli.starting import opened_database, run
from orchestration.cli.terminal import console

periods = typer.Typer()


@periods.command("bill-run")
def billrun(
    period: PeriodArgument,
    issue_date: Annotated[
        str,
        typer.Option(
            help="Date on the documents, YYYY-MM-DD; default: the day after the period.", callback=checked_day
        ),
    ] = "",
) -> None:
    """Rate, share and bill one period; the draft is published when all gates pass. Repeat as often as you like."""
    from orchestration.cli import summary

    period_id = checked_period(period)
    run("bill_run", period_id=period_id, ops={"bill_run_scope": {"issue_date": issue_date}})
    with opened_database() as connection:
        summary.print_bills(connection, period_id)
        summary.print_settlements(connection, period_id)
        holds = summary.print_reconciliation(connection, period_id)
        summary.print_digests(connection, period_id)
    if not holds:
        raise typer.Exit(1)


@periods.command()
def post(period: PeriodArgument) -> None:
    """Make the published draft a record (numbers, documents, journal) and print the documents. Posted is for ever."""
    from orchestration.cli import summary
    from orchestration.paths import documents_folder

    period_id = checked_period(period)
    run("post", period_id=period_id)
    with opened_database() as connection:
        summary.print_digests(connection, period_id)
    console.print(f"documents: {documents_folder() / period_id}")


@periods.command()
def settle(
    period: Annotated[
        str,
        typer.Argument(
            help="The settlement period, its first month and cycle: `2026-10-month`, `2026-10-quarter`.",
            metavar="PERIOD",
        ),
    ],
    issue_date: Annotated[
        str,
        typer.Option(
            help="Date on the documents, YYYY-MM-DD; default: the day after the longest cut-off.", callback=checked_day
        ),
    ] = "",
    close: Annotated[bool, typer.Option(help="Post the draft: the period is closed for ever.")] = False,
) -> None:
    """Settle the agreements of a cycle from the posted shares of the period: a draft; `--close` posts it.

    What is posted after a period was closed is settled in the next one. `apportion pay PERIOD` pays a closed period.
    """
    from orchestration.cli import summary
    from orchestration.paths import documents_folder

    period_id = checked_period(period)
    run("settle", period_id=period_id, ops={"settlement_run_scope": {"issue_date": issue_date}})
    if close:
        run("post_settlement", period_id=period_id)
    with opened_database() as connection:
        summary.print_settlement_period(connection, period_id)
        summary.print_settlements(connection, period_id)
        holds = summary.print_reconciliation(connection, period_id)
        summary.print_digests(connection, period_id)
    if close:
        console.print(f"documents: {documents_folder() / period_id}")
    if not holds:
        raise typer.Exit(1)


@periods.command()
def pay(
    period: PeriodArgument,
    dry_run: Annotated[bool, typer.Option(help="Only show what would be paid.")] = True,
    execution_date: Annotated[
        str, typer.Option(help="YYYY-MM-DD; default: each document's due date.", callback=checked_day)
    ] = "",
    by: Annotated[str, typer.Option(help="Who proposes the payments; default: who is logged in.")] = "",
    confirmed: Annotated[
        list[str] | None,
        typer.Option(help="A party whose changed bank account was confirmed by calling back. Say it again for more."),
    ] = None,
) -> None:
    """Propose the payments of a period; with `--no-dry-run` their files wait for a second person to approve.

    What is not paid is listed with the reason. `apportion payments` shows the files, approves them and hands them over.
    Nothing is ever paid twice.
    """
    from datetime import date
    from getpass import getuser

    from assets.payments.pay import propose
    from assets.publishing.bill_runs import posted_bill_runs
    from assets.publishing.refusal import Refusal
    from orchestration.cli import summary
    from orchestration.partitions import SETTLEMENT_PERIOD_PARTITIONS, partitions_name

    period_id = checked_period(period)
    is_settlement = partitions_name(period_id) == SETTLEMENT_PERIOD_PARTITIONS
    lane = "settle" if is_settlement else "build"
    with opened_database() as connection:
        if not posted_bill_runs(connection, lane, period_id):
            command = "settle --close" if is_settlement else "post"
            raise Refusal("not_posted", f"{period_id} is not posted.", f"First: apportion {command} {period_id}.")
    run(
        "pay_settlement" if is_settlement else "pay",
        period_id=period_id,
        ops={
            ("settlement_ledger__payments" if is_settlement else "ledger__payments"): {
                "dry_run": dry_run,
                "execution_date": execution_date,
                "maker": by or getuser(),
                "confirmed_receivers": confirmed or [],
            }
        },
    )
    day = date.fromisoformat(execution_date) if execution_date else None
    with opened_database() as connection:
        not_payable = [
            row
            for posted in posted_bill_runs(connection, lane, period_id)
            for row in propose(connection, posted, day, confirmed or ())[1]
        ]
        summary.print_payments(connection, period_id, not_payable, dry_run=dry_run)


@periods.command()
def export(
    period: PeriodArgument,
    into: Annotated[Path | None, typer.Option(help="Folder; default: the documents folder of the period.")] = None,
) -> None:
    """Write CSV files, reconciliation.json and the index page of a posted billing or settlement period."""
    from assets.documents.exports import export_period
    from assets.publishing.settlement_periods import is_settlement_period
    from orchestration.paths import documents_folder

    period_id = checked_period(period)
    folder = into or documents_folder() / period_id
    lane = "settle" if is_settlement_period(period_id) else "build"
    with opened_database() as connection:
        written = export_period(connection, period_id, folder, lane=lane)
    for name, count in written.row_counts.items():
        console.print(f"{count:>10,}  {name}")
    console.print(f"-> {folder}")
