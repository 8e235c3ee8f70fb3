"""Document numbers without gaps, drawn inside the transaction that issues the documents.

Belongs here: series, drawing a block of numbers, looking for gaps. Belongs elsewhere: which documents there are (dbt),
inserting them (``assets.posting.post``).

A PostgreSQL sequence leaves gaps after a rollback; a counter row updated in the issuing transaction does not.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

import psycopg

from assets.publishing.refusal import Refusal
from assets.rows import one_row


@dataclass(frozen=True, slots=True)
class Series:
    """A series and how many numbers a posting needs of it."""

    series_id: str
    prefix: str
    count: int


def draw_numbers(connection: psycopg.Connection, wanted: Iterable[Series], issue_date: date) -> dict[str, int]:
    """Move each counter on by its count and return, per series, the number before the first one drawn.

    Counters are locked in the order of their ids. A rollback of the caller's transaction gives the numbers back.

    Raises:
        Refusal: ``issue_date_too_early``, a number of the series was issued on a later date (I12).
    """
    drawn = {}
    for series in sorted(wanted, key=lambda series: series.series_id):
        connection.execute(
            "insert into ledger.number_series (series_id, prefix) values (%s, %s) on conflict (series_id) do nothing",
            [series.series_id, series.prefix],
        )
        counter = connection.execute(
            "select last_number, last_issue_date from ledger.number_series where series_id = %s for update",
            [series.series_id],
        )
        last_number, last_issue_date = one_row(counter)
        if last_issue_date is not None and issue_date < last_issue_date:
            raise Refusal(
                "issue_date_too_early",
                f"series {series.series_id}: issue date {issue_date} lies before {last_issue_date}, "
                f"the date of its number {last_number}.",
                f"Open the run again with an issue date of {last_issue_date} or later.",
            )
        connection.execute(
            "update ledger.number_series set last_number = last_number + %s, last_issue_date = %s where series_id = %s",
            [series.count, issue_date, series.series_id],
        )
        drawn[series.series_id] = last_number
    return drawn


def number_problems(connection: psycopg.Connection) -> list[str]:
    """Every series that is not 1, 2, 3 ... up to its counter in the order of issue; none when all is well."""
    rows = connection.execute(
        """
        with documents as (
            select series_id, number, issue_date from ledger.customer_bills
            union all
            select series_id, number, issue_date from ledger.settlement_documents
        ),
        ordered_documents as (
            select *, issue_date < lag(issue_date) over (partition by series_id order by number) as is_back_dated
            from documents
        )
        select number_series.series_id, number_series.last_number, count(number), min(number), max(number),
            coalesce(bool_or(is_back_dated), false)
        from ledger.number_series
        left join ordered_documents using (series_id)
        group by number_series.series_id
        order by number_series.series_id
        """
    )
    problems = []
    for series_id, last_number, count, lowest, highest, is_back_dated in rows:
        if count != last_number or (count and (lowest, highest) != (1, count)):
            problems.append(
                f"series {series_id}: counter at {last_number}, {count} documents from {lowest} to {highest}"
            )
        if is_back_dated:
            problems.append(f"series {series_id}: a number was issued on an earlier date than the number before it")
    return problems
