"""Fees paid in advance: what is left when a product ends is given back, to the day, and nothing is charged twice."""

import random
from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from pathlib import Path

import pytest

from tests.dbt.periods.fee_fixture import Case, Fee, Part, build_fees, credits_of

pytestmark = [pytest.mark.database, pytest.mark.slow]

YEAR = (date(2026, 3, 1), date(2027, 3, 1))


def _month_of(day: date) -> tuple[date, date]:
    first = day.replace(day=1)
    return first, (first + timedelta(days=32)).replace(day=1)


def _cases() -> list[tuple[Case, date]]:
    """Yearly fees paid for a year, ended on a random day of it, billed in that day's month."""
    chance = random.Random(20_261_125)
    made = []
    for number in range(60):
        ended = YEAR[0] + timedelta(days=chance.randrange(365))
        fee = Fee(
            amount="120",
            every="year",
            anchor="anniversary",
            last_day_charged=number % 3 == 1,
            divisor="thirty_days" if number % 5 == 4 else "cycle",
            prorated=number % 7 != 6,
        )
        amount = f"{chance.randrange(0, 200_000) / Decimal(100):.2f}"
        made.append((Case(fee, YEAR[0], ended, _month_of(ended), paid=(*YEAR, amount)), ended))
    return made


CASES = _cases()


@pytest.fixture(scope="module")
def built(new_database: Callable[[], str], target_path: Path) -> tuple[list[list[Part]], dict[int, Part]]:
    """Charges and credits of every case, and of one product that does not end."""
    url = new_database()
    going_on = Case(CASES[0][0].fee, YEAR[0], None, _month_of(date(2026, 9, 9)), paid=(*YEAR, "120.00"))
    # Paid until the middle of the year only: the rest is charged where that ends.
    paid_in_part = Case(
        CASES[0][0].fee, YEAR[0], None, _month_of(date(2026, 9, 9)), paid=(YEAR[0], date(2026, 9, 9), "60")
    )
    parts = build_fees(url, target_path, [*(case for case, _ in CASES), going_on, paid_in_part])
    return parts, credits_of(url)


def _days_of_thirty(first: date, end: date) -> int:
    return (end.year - first.year) * 360 + (end.month - first.month) * 30 + min(end.day, 30) - min(first.day, 30)


@pytest.mark.parametrize("number", range(len(CASES)))
def test_the_unused_part_is_that_part_of_what_was_billed(
    built: tuple[list[list[Part]], dict[int, Part]], number: int
) -> None:
    case, ended = CASES[number]
    assert case.paid is not None
    # An end at midnight leaves nothing of that day, whether a product's last day is charged or not.
    count = _days_of_thirty if case.fee.divisor == "thirty_days" else lambda first, end: (end - first).days
    unused = Fraction(count(ended, YEAR[1]), count(*YEAR))
    credit = built[1].get(number + 1)
    if not case.fee.prorated or ended == YEAR[0]:
        assert credit is None or case.fee.prorated
        return
    assert credit is not None
    billed = Fraction(case.paid[2])
    assert abs(Fraction(credit.amount) + billed * unused) <= Fraction(1, 10**16)
    assert -billed <= Fraction(credit.amount) <= 0
    assert credit.covered_until.date() == YEAR[1]


def test_what_is_paid_is_not_charged_again(built: tuple[list[list[Part]], dict[int, Part]]) -> None:
    parts, credits = built
    assert all(parts[number] == [] for number in range(len(CASES) + 1))
    assert len(CASES) + 1 not in credits


def test_what_is_paid_in_part_is_charged_from_where_that_ends(built: tuple[list[list[Part]], dict[int, Part]]) -> None:
    ((part,),) = built[0][len(CASES) + 1 :]
    assert (part.covered_from.date(), part.covered_until.date()) == (date(2026, 9, 9), YEAR[1])
    assert part.amount == (Decimal(120) * 173 / 365).quantize(Decimal("1e-16"))
