"""Opening a bill run: what it works on is pinned in one transaction before dbt starts.

Belongs here: the draft's row, the lane's ``run_inputs``, the input digest.
Belongs elsewhere: finding a run again (``assets.publishing.bill_runs``), which accounts and windows
(``assets.publishing.account_periods``), the lease itself (``orchestration.database.lease``).
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime
from typing import Any

import psycopg
from psycopg import sql
from psycopg.rows import dict_row
from psycopg.types.json import Jsonb

from assets.posting.audit_chain import append_entry
from assets.publishing.account_periods import (
    AccountPeriod,
    enclosing_period,
    envelope,
    fill_run_scope,
    periods_to_bill,
)
from assets.publishing.bill_runs import BillRun, bill_run_by_id, bill_run_of
from assets.publishing.digests import code_digest
from assets.publishing.fence import assert_token
from assets.publishing.input_digest import input_digest, input_parts
from assets.publishing.leaf import posted_leaf_problems
from assets.publishing.periods import Period
from assets.publishing.refusal import Refusal
from assets.publishing.statistics import count_what_is_read
from assets.quality.gate_rows import refuse_unchecked_usage
from assets.rows import first_value
from orchestration.failpoints import reach
from orchestration.paths import DBT_PROJECT

LANES = ("build", "whatif", "conformance", "running")


def code_version() -> str:
    """Digest of the SQL that calculates."""
    return code_digest(DBT_PROJECT)


def open_bill_run(
    connection: psycopg.Connection,
    *,
    lane: str,
    period_id: str,
    issue_date: date | None = None,
    book_id: int | None = None,
    token: int,
    code_version: str,
) -> BillRun:
    """Pin what a run works on, and return the run. Safe to repeat: a draft is opened again with the present input.

    In lane ``build`` the run covers the accounts of the period's cycle that no posted run of the period has settled.
    When a posted run left accounts parked, the next sequence (a supplement) is opened for them. Other lanes are never
    posted and cover all accounts.

    Args:
        issue_date: Printed on the documents; by default the first day after the period.
        book_id: By default the current book: the one that was given last.
        token: The lease of the lane, checked in the same transaction.

    Raises:
        Refusal: ``superseded``, ``bad_lane``, ``bad_period``, ``no_book``, ``no_usage_gate``, ``no_accounts``, or
            ``posted_leaf_missing``.
    """
    _refuse_unknown_lane(lane)
    period = Period.parse(period_id)
    with connection.transaction():
        assert_token(connection, lane, token)
        book = current_book(connection, book_id)
        last = last_run(connection, lane, period_id)
        account_periods = periods_to_bill(connection, lane, period, book["time_zone"], book["book_id"])
        if last and last["state"] == "posted":
            if not account_periods:
                return bill_run_of(last, nothing_to_do=True)
            sequence = last["sequence"] + 1
        else:
            sequence = last["sequence"] if last else 0
        if not account_periods:
            raise Refusal(
                "no_accounts",
                f"{period_id}: no billing account of cycle {period.bill_cycle} is in force before {period.end_date}.",
                "Deliver accounts_*.csv, or check the cycle and the month.",
            )
        run = _pin(
            connection,
            account_periods,
            book,
            lane=lane,
            period=period,
            bounds=period.bounds(book["time_zone"]),
            sequence=sequence,
            issue_date=issue_date,
            token=token,
            code_version=code_version,
        )
        reach("before_open_commit")
    return run


def open_lane_run(
    connection: psycopg.Connection,
    *,
    lane: str,
    account_periods: Sequence[AccountPeriod],
    issue_date: date | None = None,
    book_id: int | None = None,
    token: int,
    code_version: str,
) -> BillRun:
    """Pin a run over these accounts and windows, whatever their cycles: conformance cases, a quote, a what-if.

    The run is named after the earliest window and never posted; opening it again replaces it.

    Args:
        issue_date: Which day's tax rules, parties and rates count; by default the day after the last window.

    Raises:
        Refusal: ``bad_lane`` (also lane ``build``, which bills cycles), ``no_accounts``, ``bad_windows`` (an account
            twice, or a window that ends before it starts), or as ``open_bill_run``.
    """
    _refuse_unknown_lane(lane)
    if lane == "build":
        raise Refusal("bad_lane", "lane build bills whole cycles.", "Open explicit windows in another lane.")
    if not account_periods:
        raise Refusal("no_accounts", f"lane {lane}: no account to bill.", "Give at least one window.")
    counts = Counter(window.account_id for window in account_periods)
    wrong = [
        window.account_id
        for window in account_periods
        if counts[window.account_id] > 1 or window.period_start >= window.period_end
    ]
    if wrong:
        raise Refusal(
            "bad_windows",
            f"lane {lane}: account {wrong[0]} is there twice, or its window ends before it starts.",
            "Give one window for each account, with an end after its start.",
        )
    with connection.transaction():
        assert_token(connection, lane, token)
        return _pin(
            connection,
            account_periods,
            current_book(connection, book_id),
            lane=lane,
            period=enclosing_period(account_periods),
            bounds=envelope(account_periods),
            sequence=0,
            issue_date=issue_date,
            token=token,
            code_version=code_version,
        )


def _refuse_unknown_lane(lane: str) -> None:
    if lane not in LANES:
        raise Refusal("bad_lane", f"lane {lane!r} is not one.", f"Use one of {', '.join(LANES)}.")


def _pin(
    connection: psycopg.Connection,
    account_periods: Sequence[AccountPeriod],
    book: dict[str, Any],
    *,
    lane: str,
    period: Period,
    bounds: tuple[datetime, datetime],
    sequence: int,
    issue_date: date | None,
    token: int,
    code_version: str,
) -> BillRun:
    row = {
        "lane": lane,
        "period_id": period.period_id,
        "sequence": sequence,
        "period_start": bounds[0],
        "period_end": bounds[1],
        "issue_date": issue_date or period.end_date,
        "book_id": book["book_id"],
        "sealed_batch_id": seal(connection),
        "token": token,
        "code_version": code_version,
    }
    refuse_unchecked_usage(connection, row["sealed_batch_id"])
    _refuse_missing_leaves(connection)
    row["bill_run_id"] = save_draft(connection, row)
    fill_run_inputs(connection, row, book)
    fill_run_scope(connection, lane, row["bill_run_id"], account_periods)
    return pin_input(connection, row | {"period_start": envelope(account_periods)[0]}, len(account_periods))


def current_book(connection: psycopg.Connection, book_id: int | None) -> dict[str, Any]:
    """The book version asked for, or the current one, with its time zone and home currency."""
    with connection.cursor(row_factory=dict_row) as cursor:
        book = cursor.execute(
            """select book_id, time_zone, home_currency from catalog.book_versions
               where book_id = coalesce(%s, catalog.current_book())""",
            [book_id],
        ).fetchone()
    if book is None:
        raise Refusal(
            "no_book", f"book version {book_id or '(latest)'} is not loaded.", "Load the book: apportion check."
        )
    return book


def last_run(connection: psycopg.Connection, lane: str, period_id: str) -> dict[str, Any] | None:
    """The run of a period with the highest sequence, locked; None when there is none."""
    with connection.cursor(row_factory=dict_row) as cursor:
        return cursor.execute(
            """select * from control.bill_runs where lane = %s and period_id = %s
               order by sequence desc limit 1 for update""",
            [lane, period_id],
        ).fetchone()


def _refuse_missing_leaves(connection: psycopg.Connection) -> None:
    problems = posted_leaf_problems(connection)
    if problems:
        raise Refusal(
            "posted_leaf_missing",
            f"{'; '.join(problems[:3])}.",
            "Its usage would be billed again. Attach the leaf, or restore it; find out who changed it.",
        )


def seal(connection: psycopg.Connection) -> int:
    """The highest committed batch. The lock waits for intakes under way: none with a lower number can commit later."""
    connection.execute("lock table inbox.batches in share mode")
    return first_value(connection.execute("select coalesce(max(batch_id), 0) from inbox.batches"))


def save_draft(connection: psycopg.Connection, row: dict[str, Any]) -> int:
    """The row of the draft in ``control.bill_runs``, new or opened again."""
    saved = connection.execute(
        """
        insert into control.bill_runs (lane, period_id, sequence, state, period_start, period_end, issue_date, book_id,
            sealed_batch_id, token, code_version)
        values (%(lane)s, %(period_id)s, %(sequence)s, 'open', %(period_start)s, %(period_end)s, %(issue_date)s,
            %(book_id)s, %(sealed_batch_id)s, %(token)s, %(code_version)s)
        on conflict (lane, period_id, sequence) do update set
            build_number = bill_runs.build_number + 1, state = 'open', period_start = excluded.period_start,
            period_end = excluded.period_end, issue_date = excluded.issue_date, book_id = excluded.book_id,
            sealed_batch_id = excluded.sealed_batch_id, token = excluded.token, code_version = excluded.code_version,
            output_digest = null, opened_at = now(), published_at = null
        returning bill_run_id
        """,
        row,
    )
    return first_value(saved)


def fill_run_inputs(connection: psycopg.Connection, row: dict[str, Any], book: dict[str, Any]) -> None:
    """The one row that models join to know their run."""
    table = sql.Identifier(row["lane"], "run_inputs")
    connection.execute(sql.SQL("delete from {}").format(table))
    connection.execute(
        sql.SQL("""
        insert into {} (bill_run_id, period_id, period_start, period_end, issue_date, book_id, sealed_batch_id,
            time_zone, home_currency_code, settlement_cycle)
        values (%(bill_run_id)s, %(period_id)s, %(period_start)s, %(period_end)s, %(issue_date)s, %(book_id)s,
            %(sealed_batch_id)s, %(time_zone)s, %(home_currency)s, %(settlement_cycle)s)""").format(table),
        {"settlement_cycle": "bill_run"} | row | book,
    )


def pin_input(connection: psycopg.Connection, row: dict[str, Any], account_count: int) -> BillRun:
    """Name the digest of everything the run is made from, and write the opening into the audit chain."""
    count_what_is_read(connection, row["lane"])
    parts = input_parts(
        connection,
        **{
            name: row[name]
            for name in (
                "lane",
                "bill_run_id",
                "book_id",
                "sealed_batch_id",
                "issue_date",
                "period_start",
                "code_version",
            )
        },
    )
    connection.execute(
        "update control.bill_runs set input_digest = %s, input_parts = %s where bill_run_id = %s",
        [input_digest(parts), Jsonb(parts), row["bill_run_id"]],
    )
    run = bill_run_by_id(connection, row["bill_run_id"])
    append_entry(
        connection,
        "opened",
        {
            "bill_run_id": run.bill_run_id,
            "lane": run.lane,
            "period_id": run.period_id,
            "sequence": run.sequence,
            "build_number": run.build_number,
            "issue_date": run.issue_date.isoformat(),
            "input_digest": run.input_digest,
            "input_parts": parts,
            "account_count": account_count,
        },
    )
    return replace(run, account_count=account_count)
