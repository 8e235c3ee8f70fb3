"""A bill run, and finding one again.

Belongs here: the rows of ``control.bill_runs`` as they are.
Belongs elsewhere: opening a run (``assets.publishing.bill_run_opening``), the lease itself
(``orchestration.database.lease``), what the run calculates (dbt), showing it to readers
(``assets.publishing.publish``).
"""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, LiteralString

import psycopg
from psycopg import sql
from psycopg.rows import dict_row

from assets.publishing.refusal import Refusal


@dataclass(frozen=True, slots=True)
class BillRun:
    """One row of ``control.bill_runs``. Instants are UTC; ``nothing_to_do`` means that the period is posted in full."""

    bill_run_id: int
    lane: str
    period_id: str
    sequence: int
    build_number: int
    state: str
    period_start: datetime
    period_end: datetime
    issue_date: date
    book_id: int
    sealed_batch_id: int
    input_digest: str
    output_digest: str | None
    token: int
    code_version: str
    account_count: int = 0
    nothing_to_do: bool = False

    @property
    def published_digest(self) -> str:
        """``output_digest`` of a run that was published; LookupError for one that was not."""
        if self.output_digest is None:
            raise LookupError(f"bill run {self.bill_run_id} is {self.state} and has no output digest yet")
        return self.output_digest


def current_bill_run(connection: psycopg.Connection, lane: str) -> BillRun:
    """The run whose inputs the lane holds now: the one that dbt has built, or is building.

    Raises:
        Refusal: ``no_run``, the lane was never opened.
    """
    run = _find(
        connection,
        sql.SQL("bill_run_id = (select bill_run_id from {}.run_inputs)").format(sql.Identifier(lane)),
        {},
    )
    if run is None:
        raise Refusal("no_run", f"lane {lane} holds no bill run.", "Open one: materialize lane/run_inputs.")
    return run


def published_bill_run(connection: psycopg.Connection, lane: str, period_id: str) -> BillRun:
    """The run of a period that posting takes: the published draft, else the posted run with the highest sequence.

    Raises:
        Refusal: ``not_published``, there is neither.
    """
    run = _find(
        connection,
        sql.SQL("""lane = %(lane)s and period_id = %(period_id)s and state in ('published', 'posted')
                   order by state = 'published' desc, sequence desc limit 1"""),
        {"lane": lane, "period_id": period_id},
    )
    if run is None:
        raise Refusal("not_published", f"{period_id} has no published draft.", "Run the bill run of the period first.")
    return run


def posted_bill_runs(connection: psycopg.Connection, lane: str, period_id: str) -> list[BillRun]:
    """Every posted run of a period, in the order of their sequence; empty when none is."""
    return _find_all(
        connection,
        sql.SQL("lane = %(lane)s and period_id = %(period_id)s and state = 'posted' order by sequence"),
        {"lane": lane, "period_id": period_id},
    )


def latest_posted_bill_run(connection: psycopg.Connection, lane: str) -> BillRun:
    """The run that was posted last, of whatever period.

    Raises:
        Refusal: ``not_posted``, none was.
    """
    run = _find(
        connection,
        sql.SQL("lane = %(lane)s and state = 'posted' order by posted_at desc, bill_run_id desc limit 1"),
        {"lane": lane},
    )
    if run is None:
        raise Refusal("not_posted", f"lane {lane} has no posted bill run.", "Post a published draft first.")
    return run


def bill_run_by_id(connection: psycopg.Connection, bill_run_id: int, *, for_update: bool = False) -> BillRun:
    """One run by its id, locked until the end of the transaction when asked.

    Raises:
        Refusal: ``no_run``.
    """
    condition: LiteralString = "bill_run_id = %(bill_run_id)s"
    run = _find(
        connection,
        sql.SQL(condition + " for update" if for_update else condition),
        {"bill_run_id": bill_run_id},
    )
    if run is None:
        raise Refusal(
            "no_run", f"bill run {bill_run_id} does not exist.", "List them: select * from control.bill_runs."
        )
    return run


def _find_all(connection: psycopg.Connection, condition: sql.Composable, parameters: dict[str, Any]) -> list[BillRun]:
    with connection.cursor(row_factory=dict_row) as cursor:
        cursor.execute(sql.SQL("select * from control.bill_runs where {}").format(condition), parameters)
        return [bill_run_of(row) for row in cursor]


def _find(connection: psycopg.Connection, condition: sql.Composable, parameters: dict[str, Any]) -> BillRun | None:
    found = _find_all(connection, condition, parameters)
    return found[0] if found else None


def bill_run_of(row: dict[str, Any], *, nothing_to_do: bool = False) -> BillRun:
    """The run that a row of ``control.bill_runs`` stands for."""
    columns = set(BillRun.__dataclass_fields__) - {"account_count", "nothing_to_do"}
    return BillRun(**{column: row[column] for column in columns}, nothing_to_do=nothing_to_do)
