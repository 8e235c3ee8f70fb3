"""Opening a settlement run: what it works on is pinned in one transaction before dbt starts.

Belongs here: the draft's row, the lane's ``run_inputs`` and the input digest of a run of lane ``settle``.
Belongs elsewhere: bill runs (``assets.publishing.bill_run_opening``), which shares it takes (dbt,
``int_settlement_shares``), the grammar of its period (``assets.publishing.settlement_periods``).
"""

from datetime import date, timedelta
from typing import Any

import psycopg
from psycopg import sql

from assets.publishing.bill_run_opening import current_book, fill_run_inputs, last_run, pin_input, save_draft, seal
from assets.publishing.bill_runs import BillRun, bill_run_of
from assets.publishing.fence import assert_token
from assets.publishing.refusal import Refusal
from assets.publishing.settlement_periods import SettlementPeriod
from assets.rows import first_value
from orchestration.failpoints import reach

LANE = "settle"


def open_settlement_run(
    connection: psycopg.Connection,
    *,
    period_id: str,
    issue_date: date | None = None,
    book_id: int | None = None,
    token: int,
    code_version: str,
) -> BillRun:
    """Pin what the settlement of a period works on. Safe to repeat: a draft is opened again with the present input.

    A posted settlement period is closed: what comes after is settled in the next one, so the run has nothing to do.

    Args:
        issue_date: Printed on the documents; by default the day after the longest cut-off of the cycle's agreements.
        book_id: By default the current book: the one that was given last.
        token: The lease of the lane, checked in the same transaction.

    Raises:
        Refusal: ``superseded``, ``bad_period``, ``no_book``, ``no_agreements`` (of that cycle), ``closed_later`` (a
            later period of the cycle is posted), ``no_payments_feed`` (an agreement settles what is collected, and no
            payments were ever delivered).
    """
    period = SettlementPeriod.parse(period_id)
    with connection.transaction():
        assert_token(connection, LANE, token)
        book = current_book(connection, book_id)
        last = last_run(connection, LANE, period_id)
        if last and last["state"] == "posted":
            return bill_run_of(last, nothing_to_do=True)
        bounds = period.bounds(book["time_zone"])
        row: dict[str, Any] = {
            "lane": LANE,
            "period_id": period_id,
            "sequence": 0,
            "period_start": bounds[0],
            "period_end": bounds[1],
            "issue_date": issue_date or _issue_date(connection, period, book["book_id"]),
            "book_id": book["book_id"],
            "sealed_batch_id": seal(connection),
            "token": token,
            "code_version": code_version,
            "settlement_cycle": period.cycle,
        }
        _refuse_later_settlement(connection, row)
        _refuse_missing_payments(connection, row)
        row["bill_run_id"] = save_draft(connection, row)
        fill_run_inputs(connection, row, book)
        connection.execute(sql.SQL("delete from {}").format(sql.Identifier(LANE, "run_scope")))
        run = pin_input(connection, row, 0)
        reach("before_open_commit")
    return run


def _issue_date(connection: psycopg.Connection, period: SettlementPeriod, book_id: int) -> date:
    """The day after the longest cut-off, so that no agreement is settled before its own has passed."""
    days = first_value(
        connection.execute(
            "select max(cut_off_days) from catalog.agreements where book_id = %s and settlement_cycle = %s",
            [book_id, period.cycle],
        )
    )
    if days is None:
        raise Refusal(
            "no_agreements",
            f"{period.period_id}: no agreement of the current book is settled per {period.cycle}.",
            f"Write cycle: {period.cycle} in the settlement terms of an agreement, or settle another period.",
        )
    return period.end_date + timedelta(days=days)


def _refuse_later_settlement(connection: psycopg.Connection, row: dict[str, Any]) -> None:
    later = connection.execute(
        """select period_id from control.bill_runs
           where lane = %(lane)s and state = 'posted' and substring(period_id from 9) = %(settlement_cycle)s
               and period_start > %(period_start)s
           order by period_start limit 1""",
        row,
    ).fetchone()
    if later:
        raise Refusal(
            "closed_later",
            f"{later[0]} is posted, so {row['period_id']} is closed: its shares are settled there.",
            "Settle the next period.",
        )


def _refuse_missing_payments(connection: psycopg.Connection, row: dict[str, Any]) -> None:
    waiting = connection.execute(
        """select agreement_id from catalog.agreements
           where book_id = %(book_id)s and settlement_cycle = %(settlement_cycle)s and settlement_trigger = 'collected'
               and not exists (select from inbox.files where feed = 'payments' and state = 'loaded')
           order by agreement_id limit 1""",
        row,
    ).fetchone()
    if waiting:
        raise Refusal(
            "no_payments_feed",
            f"agreement {waiting[0]} settles what is collected, and no payments of customers were ever delivered.",
            "Deliver payments_*.csv (a header alone when nobody paid yet), or choose another trigger.",
        )
