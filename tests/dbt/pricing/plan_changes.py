"""A year of plan changes that hypothesis invents, billed month by month, and what it costs day by day.

Belongs here: a product whose plan changes at any second of a year; the year's fees counted a second time.
Belongs elsewhere: what must hold (``test_pricing_properties``), single odd days (``test_fee_cycles``).

Each month of the year is an account of its own, which has the same product: twelve bills in one run.
"""

import calendar
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from itertools import pairwise
from zoneinfo import ZoneInfo

from hypothesis import strategies as st

from tests.conformance.scenario import fee
from tests.dbt.pricing.small_world import Account, Product, World, offering
from tests.dbt.rating.tariff_reference import round_to

STEPS = {"month": 1, "quarter": 3, "year": 12}


def in_month(first: date, months: int, day: int) -> date:
    """A day of a month counted from another, or its last."""
    number = first.month - 1 + months
    year, month = first.year + number // 12, number % 12 + 1
    return date(year, month, min(day, calendar.monthrange(year, month)[1]))


@dataclass(frozen=True)
class PlanYear:
    """One way of charging, a year from a first day on, and plans: (from when, amount of a cycle)."""

    every: str
    anchor: str
    charged: str
    by_second: bool
    first: date
    time_zone: str
    plans: list[tuple[datetime, Decimal]]

    @property
    def end(self) -> date:
        """The day after the year's last."""
        return in_month(self.first, 12, self.first.day)

    def instant(self, day: date) -> datetime:
        """Midnight where the customer is."""
        return datetime(day.year, day.month, day.day, tzinfo=ZoneInfo(self.time_zone)).astimezone(UTC)

    def spans(self) -> list[tuple[datetime, datetime, Decimal]]:
        """From when until when each plan holds, and what a cycle of it costs."""
        starts = [*self.plans, (self.instant(self.end), Decimal(0))]
        return [(start, until, amount) for (start, amount), (until, _) in pairwise(starts)]

    def world(self) -> World:
        """Every month's bill beside the others."""
        words = {
            "every": self.every, "anchor": self.anchor, "charged": self.charged,
            "proration": {"by": "second" if self.by_second else "day"},
        }  # fmt: skip
        words |= {"cycle_day": str(self.first.day)} if self.anchor == "cycle_day" else {}
        accounts, products, offerings = [], [], []
        for number, (_, _, amount) in enumerate(self.spans()):
            offerings.append(offering(f"plan{number}", fee(format(amount, "f"), **words)))
        for month in range(12):
            window = (in_month(self.first, month, self.first.day), in_month(self.first, month + 1, self.first.day))
            accounts.append(Account(f"m{month}", window, self.time_zone))
            for number, (start, until, _) in enumerate(self.spans()):
                products.append(Product(f"p{month}", f"m{month}", f"plan{number}", start, until))
        return World(offerings, accounts, products)

    def cycles(self) -> list[tuple[date, date]]:
        """The cycles that lie in the year, whole ones: where each begins and ends."""
        step, day = STEPS[self.every], 1 if self.anchor == "calendar" else self.first.day
        start = self.first.replace(day=1)
        if self.anchor == "calendar":
            start = start.replace(month=(start.month - 1) // step * step + 1)
        bounds = [in_month(start, step * number, day) for number in range(-1, 12 // step + 3)]
        return [(begin, end) for begin, end in pairwise(bounds) if begin < self.end and end > self.first]

    def cost(self) -> Fraction:
        """The year's fees: of every cycle, each plan pays for the days (or seconds) on which it is the customer's."""
        total = Fraction(0)
        for begin, end in self.cycles():
            for start, until, amount in self.spans():
                if self.by_second:
                    length = (self.instant(end) - self.instant(begin)) / timedelta(microseconds=1)
                    covered = (min(until, self.instant(end)) - max(start, self.instant(begin))) / timedelta(
                        microseconds=1
                    )
                else:
                    # A day on which the plan changes is the new plan's.
                    length = (end - begin).days
                    local = [at.astimezone(ZoneInfo(self.time_zone)).date() for at in (start, until)]
                    covered = (min(local[1], end) - max(local[0], begin)).days
                if covered > 0:
                    total += round_to(Fraction(amount) * Fraction(int(covered), int(length)), "half_up", 16)
        return total


@st.composite
def plan_years(draw: st.DrawFn) -> PlanYear:
    """A year from any month's day 1, 15, 29, 30 or 31; up to six changes, some on one day or a second apart."""
    every, anchor = draw(
        st.sampled_from((("month", "calendar"), ("month", "cycle_day"), ("month", "anniversary"),
                         ("quarter", "calendar"), ("year", "calendar")))
    )  # fmt: skip
    year, month = draw(st.sampled_from((2024, 2025, 2027))), draw(st.integers(1, 12))
    first = in_month(date(year, month, 1), 0, draw(st.sampled_from((1, 15, 29, 30, 31))))
    zone = draw(st.sampled_from(("UTC", "Europe/Warsaw", "America/New_York", "Asia/Tokyo")))
    made = PlanYear(
        every, anchor, draw(st.sampled_from(("in_advance", "in_arrears"))), draw(st.booleans()), first, zone, []
    )
    start, end = made.instant(first), made.instant(made.end)
    seconds = int((end - start).total_seconds())
    second = st.one_of(
        st.integers(1, seconds - 1),
        st.builds(
            lambda day, off: min(max(day * 86_400 + off, 1), seconds - 1),
            st.integers(0, 365),
            st.sampled_from((-1, 0, 1, 43_200)),
        ),
    )
    changes = sorted(draw(st.lists(second, max_size=6, unique=True)))
    is_same = draw(st.booleans())
    amount = st.decimals("0.01", "99.99", places=2)
    price = draw(amount)
    plans = [(start + timedelta(seconds=after), price if is_same else draw(amount)) for after in (0, *changes)]
    return PlanYear(
        *(getattr(made, name) for name in ("every", "anchor", "charged", "by_second", "first", "time_zone")), plans
    )
