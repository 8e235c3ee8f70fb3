"""Opening a settlement run: what it works on is pinned in one transaction before dbt starts.

Belongs here: the draft's row, the lane's ``run_inputs`` and the input digest of a run of lane ``settle``.
Belongs elsewhere: bill runs (``assets.publishing.bill_run_opening``), which shares it takes (dbt,
``int_settlement_shares``), the grammar of its period (``assets.publishing.settlement_periods``).
"""

from datetime import date, timedelta
from typing import Any

import psycopg

from assets.publishing.account_periods import AccountPeriod, fill_run_scope
from assets.publishing.bill_run_opening import current_book, fill_run_inputs, last_run, pin_input, save_draft, seal
from assets.publishing.bill_runs import BillRun, bill_run_of
from assets.publishing.fence import assert_token
from assets.publishing.refusal import Refusal
from assets.publishing.settlement_periods import SettlementPeriod
from assets.rows import first_value
from orchestration.failpoints import reach

LANE = "settle"
# What a bill run has settled is adjusted with the month: bad debt, terms known later.
_OF_THE_CYCLE = """(settlement_cycle = %(settlement_cycle)s
    or settlement_cycle = 'bill_run' and %(settlement_cycle)s = 'month')"""


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

    A posted settlement period is closed: what comes after is settled in the next one. What it had parked is settled by
    its next sequence (a supplement); without any the run has nothing to do.

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
        parked = parked_agreements(connection, period_id)
        if last and last["state"] == "posted" and not parked:
            return bill_run_of(last, nothing_to_do=True)
        sequence = last["sequence"] if last else 0
        if last and last["state"] == "posted":
            sequence += 1
        bounds = period.bounds(book["time_zone"])
        row: dict[str, Any] = {
            "lane": LANE,
            "period_id": period_id,
            "sequence": sequence,
            "period_start": bounds[0],
            "period_end": bounds[1],
            "issue_date": issue_date or _issue_date(connection, period, book["book_id"]),
            "book_id": book["book_id"],
            "sealed_batch_id": seal(connection),
            "token": token,
            "code_version": code_version,
            "settlement_cycle": period.cycle,
        }
        if sequence == 0:
            _refuse_later_settlement(connection, row)
        _refuse_missing_payments(connection, row)
        row["bill_run_id"] = save_draft(connection, row)
        fill_run_inputs(connection, row, book)
        agreements = parked if sequence else _agreements_of(connection, row)
        windows = [
            AccountPeriod(settlement_account(each), period_id, *bounds, book["time_zone"]) for each in agreements
        ]
        fill_run_scope(connection, LANE, row["bill_run_id"], windows)
        run = pin_input(connection, row, len(windows))
        reach("before_open_commit")
    return run


def settlement_account(agreement_id: str) -> str:
    """The account of an agreement in a settlement run."""
    return f"settlement:{agreement_id}"


def parked_agreements(connection: psycopg.Connection, period_id: str) -> list[str]:
    """Agreements that a posted run of the period has parked and nobody has settled since."""
    rows = connection.execute(
        "select agreement_id from control.parked_agreements where period_id = %s order by agreement_id", [period_id]
    )
    return [agreement_id for (agreement_id,) in rows]


def _agreements_of(connection: psycopg.Connection, row: dict[str, Any]) -> list[str]:
    """Agreements of the cycle in any of their versions; with the month also what bill runs settle, to be adjusted."""
    rows = connection.execute(
        f"""select distinct agreement_id from catalog.agreements
            where agreement_id in (
                select agreement_id from catalog.agreements where book_id = %(book_id)s
            ) and {_OF_THE_CYCLE} order by agreement_id""",  # noqa: S608  a constant of this module
        row,
    )
    return [agreement_id for (agreement_id,) in rows]


def _issue_date(connection: psycopg.Connection, period: SettlementPeriod, book_id: int) -> date:
    """The day after the longest cut-off, so that no agreement is settled before its own has passed."""
    days = first_value(
        connection.execute(
            f"select max(cut_off_days) from catalog.agreements where book_id = %(book_id)s and {_OF_THE_CYCLE}",  # noqa: S608
            {"book_id": book_id, "settlement_cycle": period.cycle},
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
