"""``apportion margins``: what a partner costs beyond what customers pay, and who answers for it.

Belongs here: the commands and what they print. Belongs elsewhere: the acts (``assets.settling.margins``).
"""

from typing import Annotated

import psycopg
import typer

from orchestration.cli.starting import opened_database
from orchestration.cli.terminal import console

margins = typer.Typer(no_args_is_help=True, help="Negative margins of a period: show them, approve them by name.")
PeriodArgument = Annotated[str, typer.Argument(help="The billing or settlement period, for example 2026-10-c01.")]


@margins.command("list")
def list_margins(period: PeriodArgument) -> None:
    """Where a partner costs more than customers pay for the same usage, and who approved it."""
    from assets.money import format_exact
    from assets.settling.margins import negative_margins
    from orchestration.cli.summary import table_of

    with opened_database() as connection:
        found = negative_margins(connection, period)
    table = table_of("Negative margins", "agreement", "tariff", "offering", "events", "revenue", "cost", "approved by")
    for row in found:
        table.add_row(
            row["agreement_id"], row["item_id"] or row["margin_kind"], f"{row['offering_id']} {row['price_id']}",
            f"{row['event_count']:,}", f"{format_exact(row['revenue_exact'], 'en')} {row['currency_code']}",
            f"{format_exact(row['cost_exact'], 'en')} {row['currency_code']}", row["approved_by"] or "waits",
        )  # fmt: skip
    console.print(table)


@margins.command("approve")
def approve(
    period: PeriodArgument,
    agreement: Annotated[str, typer.Argument(help="The agreement whose payout waits.")],
    by: Annotated[str, typer.Option(help="The name of the person who answers for it.")],
    reason: Annotated[str, typer.Option(help="Why it may be paid although it brings less.")],
) -> None:
    """Let an agreement be paid although it costs more than it brings: a recorded act, under a person's name."""
    from assets.settling.margins import approve_margins

    with opened_database() as connection:
        count = approve_margins(connection, period, agreement, approved_by=by, reason=reason)
    console.print(f"{agreement}: {count} negative margin(s) of {period} approved by {by}.")


def approve_all_margins(connection: psycopg.Connection, period_id: str, *, checker: str) -> None:
    """Approve every negative margin of a period: for the example month, where nobody is there to look."""
    from assets.settling.margins import approve_margins, negative_margins

    waiting = {row["agreement_id"] for row in negative_margins(connection, period_id) if row["approved_by"] is None}
    for agreement_id in sorted(waiting):
        approve_margins(
            connection, period_id, agreement_id, approved_by=checker, reason="the price list of the example"
        )
