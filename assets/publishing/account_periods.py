"""Which accounts a run bills, and the window of each: its period, its two instants, its time zone.

Belongs here: the accounts of a cycle, explicit windows of other lanes, the lane's ``run_scope``.
Belongs elsewhere: the grammar of a period (``assets.publishing.periods``), opening the run
(``assets.publishing.bill_runs``).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

import psycopg
from psycopg import sql

from assets.publishing.periods import Period, local_midnight


@dataclass(frozen=True, slots=True)
class AccountPeriod:
    """The window of one account in a run, half-open; days are those of its time zone."""

    account_id: str
    period_id: str
    period_start: datetime
    period_end: datetime
    time_zone: str

    @classmethod
    def between(cls, account_id: str, first_date: date, end_date: date, time_zone: str) -> "AccountPeriod":
        """The window from one local midnight to another, whatever the account's cycle: ``end_date`` is not in it."""
        return cls(
            account_id,
            f"{first_date:%Y-%m}-c{first_date:%d}",
            local_midnight(first_date, time_zone),
            local_midnight(end_date, time_zone),
            time_zone,
        )


def periods_to_bill(
    connection: psycopg.Connection, lane: str, period: Period, operator_time_zone: str, book_id: int
) -> list[AccountPeriod]:
    """The cycle's accounts and agreements, less those a posted run of the period took, each by its own midnights.

    The record in force at the period's end names cycle and time zone. After a change of the zone the hours between two
    windows are late usage of the second one; hours in both are billed by the first.
    """
    rows = connection.execute(
        """
        with records_in_force as (
            select distinct on (account_id) account_id, bill_cycle, time_zone
            from inbox.billing_accounts
            where effective_from < %(end_date)s
            order by account_id, effective_from desc
        )
        select account_id, coalesce(time_zone, %(operator_time_zone)s) from records_in_force
        where bill_cycle = %(bill_cycle)s
            and not (%(lane)s = 'build' and exists (
                select from published.fct_account_outcomes
                join control.bill_runs using (bill_run_id)
                where fct_account_outcomes.account_id = records_in_force.account_id
                    and fct_account_outcomes.outcome <> 'parked'
                    and bill_runs.lane = 'build' and bill_runs.state = 'posted'
                    and bill_runs.period_id = %(period_id)s
            ))
        order by account_id
        """,
        {
            "end_date": period.end_date,
            "bill_cycle": period.bill_cycle,
            "period_id": period.period_id,
            "lane": lane,
            "operator_time_zone": operator_time_zone,
        },
    ).fetchall()
    rows += _agreements_to_settle(connection, lane, period, operator_time_zone, book_id)
    bounds = {time_zone: period.bounds(time_zone) for _, time_zone in rows}
    return [
        AccountPeriod(account_id, period.period_id, *bounds[time_zone], time_zone) for account_id, time_zone in rows
    ]


def agreement_account(agreement_id: str) -> str:
    """The account of a run to which the usage of an agreement's tariffs belongs."""
    return f"agreement:{agreement_id}"


def _agreements_to_settle(
    connection: psycopg.Connection, lane: str, period: Period, operator_time_zone: str, book_id: int
) -> list[tuple[str, str]]:
    """Agreements with tariffs or items, on the operator's clock: the run of the operator's first cycle carries them.

    A guarantee is due where nobody watched anything, and its agreement can be parked like an account. An agreement that
    a posted run of the period has taken is settled, unless it was parked.
    """
    rows = connection.execute(
        """
        select distinct tariffs.agreement_id
        from (
            select book_id, agreement_id from catalog.agreement_tariffs
            union
            select book_id, agreement_id
            from catalog.agreement_items join catalog.agreements using (agreement_version_id)
            where settlement_cycle = 'bill_run'
        ) as tariffs
        join catalog.book_versions using (book_id)
        where book_id = %(book_id)s
            and definition #>> '{operator,bill_cycles,0}' = %(bill_cycle)s
            and not (%(lane)s = 'build' and exists (
                select from published.fct_account_outcomes
                join control.bill_runs using (bill_run_id)
                where fct_account_outcomes.account_id = 'agreement:' || tariffs.agreement_id
                    and fct_account_outcomes.outcome <> 'parked'
                    and bill_runs.lane = 'build' and bill_runs.state = 'posted'
                    and bill_runs.period_id = %(period_id)s
            ))
        order by 1
        """,
        {"book_id": book_id, "bill_cycle": period.bill_cycle, "period_id": period.period_id, "lane": lane},
    ).fetchall()
    return [(agreement_account(agreement_id), operator_time_zone) for (agreement_id,) in rows]


def envelope(account_periods: Sequence[AccountPeriod]) -> tuple[datetime, datetime]:
    """The first start and the last end of the windows."""
    return (
        min(window.period_start for window in account_periods),
        max(window.period_end for window in account_periods),
    )


def enclosing_period(account_periods: Sequence[AccountPeriod]) -> Period:
    """What a run of explicit windows is called: the days from the first start to the last end."""
    first = min(account_periods, key=lambda window: window.period_start)
    last = max(account_periods, key=lambda window: window.period_end)
    return Period(
        first.period_id,
        first.period_id[-3:],
        first.period_start.astimezone(ZoneInfo(first.time_zone)).date(),
        last.period_end.astimezone(ZoneInfo(last.time_zone)).date(),
    )


def fill_run_scope(
    connection: psycopg.Connection, lane: str, bill_run_id: int, account_periods: Sequence[AccountPeriod]
) -> None:
    """Write the windows into the lane, numbered in the order given."""
    table = sql.Identifier(lane, "run_scope")
    connection.execute(sql.SQL("delete from {}").format(table))
    connection.execute(
        sql.SQL("""
        insert into {} (bill_run_id, account_id, account_number, period_id, period_start, period_end, time_zone)
        select %(bill_run_id)s, account_id, account_number, period_id, period_start, period_end, time_zone
        from unnest(%(account_ids)s::text[], %(period_ids)s::text[], %(starts)s::timestamptz[], %(ends)s::timestamptz[],
            %(time_zones)s::text[])
            with ordinality as windows (account_id, period_id, period_start, period_end, time_zone, account_number)
        """).format(table),
        {
            "bill_run_id": bill_run_id,
            "account_ids": [window.account_id for window in account_periods],
            "period_ids": [window.period_id for window in account_periods],
            "starts": [window.period_start for window in account_periods],
            "ends": [window.period_end for window in account_periods],
            "time_zones": [window.time_zone for window in account_periods],
        },
    )
