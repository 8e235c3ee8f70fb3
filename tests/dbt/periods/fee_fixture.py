"""Fees of many customers, each with an offering, an account and a window of its own, built by dbt in one go.

Belongs here: a fee as the book writes it, a product, the window of its account; rows for them; one dbt run.
Belongs elsewhere: expected factors and amounts (``test_fee_cycles``).
"""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path

import psycopg

from assets.publishing.periods import local_midnight
from tests.dbt.dbt_runner import run_dbt


@dataclass(frozen=True)
class Fee:
    """A recurring price; a dated amount is (from, until, amount), days of the account's time zone."""

    amount: str = "1"
    every: str = "month"
    count: int = 1
    anchor: str = "cycle_day"
    cycle_day: int | None = None
    charged: str = "in_advance"
    by_second: bool = False
    last_day_charged: bool = False
    divisor: str = "cycle"
    decimals: int | None = None
    prorated: bool = True
    trial_days: int = 0
    versions: tuple[tuple[date, date | None, str], ...] = ()


@dataclass(frozen=True)
class Case:
    """A product with one fee, and the half-open window in which it is billed. Products may start at instants."""

    fee: Fee
    start: date | datetime
    end: date | datetime | None
    window: tuple[date, date]
    time_zone: str = "UTC"
    # What another system charged before: from, until, amount.
    paid: tuple[date, date, str] | None = None


@dataclass(frozen=True)
class Part:
    """One cycle's part of a fee as it was built."""

    kind: str
    factor: Decimal
    amount: Decimal
    covered_from: datetime
    covered_until: datetime


def build_fees(url: str, target_path: Path, cases: list[Case]) -> list[list[Part]]:
    """Write the cases, let dbt work their fees out in one run, and read the parts of each case in order."""
    with psycopg.connect(url) as connection, connection.cursor() as cursor:
        _fill_frame(cursor)
        for number, case in enumerate(cases, start=1):
            _fill_case(cursor, number, case)
    run_dbt(url, target_path, "run", "--select", "+int_fees_exact")
    with psycopg.connect(url, options="-c timezone=UTC") as connection:
        rows = connection.execute(
            """select prices.sort_order, part_kind, period_factor, amount_exact, covered_from, covered_until
               from build.int_fee_parts join catalog.prices using (price_version_id) order by 1, covered_from"""
        ).fetchall()
    return [[Part(*row[1:]) for row in rows if row[0] == number] for number in range(1, len(cases) + 1)]


def credits_of(url: str) -> dict[int, Part]:
    """What was given back, by the number of the case."""
    with psycopg.connect(url, options="-c timezone=UTC") as connection:
        rows = connection.execute(
            """select cast(substr(product_id, 2) as integer), 'unused', period_factor, amount_exact, covered_from,
                   covered_until
               from build.int_fee_credits"""
        ).fetchall()
    return {number: Part(*part) for number, *part in rows}


def _fill_frame(cursor: psycopg.Cursor) -> None:
    cursor.execute(
        """insert into catalog.currencies values ('PLN', 2) on conflict do nothing;
           insert into catalog.book_versions (book_digest, operator_party_id, time_zone, home_currency, definition)
           values (repeat('f', 64), 'operator', 'UTC', 'PLN', '{}');
           insert into inbox.batches default values;
           insert into inbox.files (batch_id, feed, feed_kind, file_name, content_sha256, size_bytes, state,
               received_at)
           values (1, 'products', 'population', 'products_1.csv', 'x', 1, 'loaded', now());
           insert into build.run_inputs (bill_run_id, period_id, period_start, period_end, issue_date, book_id,
               sealed_batch_id, time_zone, home_currency_code)
           values (1, '2026-10-c01', '2026-10-01', '2026-11-01', '2026-11-01', 1, 1, 'UTC', 'PLN')"""
    )


def _fill_case(cursor: psycopg.Cursor, number: int, case: Case) -> None:
    fee, zone = case.fee, case.time_zone
    cursor.execute(
        "insert into catalog.offerings values (1, %s, 'simple', 'voice', 'standard', 'le', %s, '1990-01-01', null)",
        [f"o{number}", fee.trial_days],
    )
    for first, end, amount in fee.versions or ((date(1990, 1, 1), None, fee.amount),):
        cursor.execute(
            """insert into catalog.prices (book_id, offering_id, price_id, price_kind, currency_code, effective_from,
                   effective_until, tariff_model, charged, is_prorated, trial_applies, sort_order)
               values (1, %s, 'fee', 'recurring', 'PLN', %s, %s, 'flat', %s, %s, %s, %s) returning price_version_id""",
            [f"o{number}", _instant(first, zone), _instant(end, zone), fee.charged, fee.prorated, fee.trial_days > 0,
             number],
        )  # fmt: skip
        ((version_id,),) = cursor.fetchall()
        cursor.execute(
            """insert into catalog.price_tiers (price_version_id, tier_number, from_quantity, flat_amount)
               values (%s, 1, 0, %s)""",
            [version_id, amount],
        )
        cursor.execute(
            "insert into catalog.price_fee_cycles values (%s, %s, %s, %s, %s, %s, %s, %s, %s)",
            [version_id, fee.every, fee.count, fee.anchor, fee.cycle_day, fee.by_second, fee.last_day_charged,
             fee.divisor, fee.decimals],
        )  # fmt: skip
    cursor.execute(
        "insert into inbox.products values (%s, %s, %s, %s, %s, null, 1, %s)",
        [f"p{number}", _instant(case.start, zone), _instant(case.end, zone), f"a{number}", f"o{number}", number],
    )
    if case.paid:
        cursor.execute("insert into inbox.fees_billed values (%s, 'fee', %s, %s, %s, 1, %s)",
                       [f"p{number}", *case.paid, number])  # fmt: skip
    first, end = case.window
    cursor.execute(
        "insert into build.run_scope values (1, %s, %s, %s, %s, %s, %s)",
        [f"a{number}", number, f"{first:%Y-%m}-c{first:%d}", _instant(first, zone), _instant(end, zone), zone],
    )


def _instant(day: date | datetime | None, time_zone: str) -> datetime | None:
    return day if day is None or isinstance(day, datetime) else local_midnight(day, time_zone)
