"""Arguments and options that several commands take, and what their words are checked for.

Belongs here: periods, days, who does it, a CSV file beside the screen. Belongs elsewhere: what one command takes alone.
"""

import re
from datetime import date
from pathlib import Path
from typing import Annotated

import typer

PeriodArgument = Annotated[
    str, typer.Argument(help="The period: month and bill cycle, for example `2026-10-c01`.", metavar="PERIOD")
]
DocumentArgument = Annotated[str, typer.Argument(help="The document's number.")]
ByOption = Annotated[str, typer.Option(help="Who does it; default: who is logged in.")]
OnOption = Annotated[str, typer.Option("--on", help="The day, YYYY-MM-DD; default: today.")]
CsvOption = Annotated[Path | None, typer.Option("--csv", help="Write the rows to this file as well.")]


def checked_period(period_id: str) -> str:
    """The period as it was said; wrong usage when there can be none of that name."""
    from orchestration.partitions import checked_period_id

    try:
        return checked_period_id(period_id)
    except ValueError as problem:
        raise typer.BadParameter(str(problem)) from problem


def checked_month(month: str) -> str:
    """The month as it was said."""
    if not re.fullmatch(r"2[0-9]{3}-(0[1-9]|1[0-2])", month, re.ASCII):
        raise typer.BadParameter(f"{month!r} is no month, write YYYY-MM")
    return month


def checked_day(text: str) -> str:
    """The day as it was said, or nothing."""
    if text:
        day_of(text)
    return text


def day_of(text: str) -> date:
    """The day that was said, or today."""
    try:
        return date.fromisoformat(text) if text else date.today()
    except ValueError as problem:
        raise typer.BadParameter(f"{text!r} is no day, write YYYY-MM-DD") from problem
