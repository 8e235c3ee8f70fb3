"""Allowances over several posted months that hypothesis invents: what is carried on, what is lost, what comes late.

Belongs here: months of usage of a few lines, and what each bucket holds by the book's words.
Belongs elsewhere: allowances that are shared (``allowance_worlds``), what must hold (``test_pricing_properties``).
"""

from collections import defaultdict
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from hypothesis import strategies as st

from tests.dbt.pricing.allowance_worlds import PER_UNIT
from tests.dbt.pricing.book_words import price_of
from tests.dbt.pricing.small_world import UNIT, Account, Product, Use, World, offering

MONTHS = [date(2025, 10, 1), date(2025, 11, 1), date(2025, 12, 1), date(2026, 1, 1), date(2026, 2, 1)]
STARTS = [datetime(day.year, day.month, day.day, tzinfo=UTC) for day in MONTHS]


@dataclass(frozen=True)
class Line:
    """A product with an allowance of its own per month."""

    product_id: str
    quantity: int
    expires: str | None
    maximum: int | None

    def offering(self) -> dict:
        """As the book writes it."""
        rollover = {"expires": self.expires} | ({"maximum": str(self.maximum)} if self.maximum else {})
        allowance = {"id": "own", "quantity": str(self.quantity)} | ({"rollover": rollover} if self.expires else {})
        return offering(f"{self.product_id}-plan", price_of(PER_UNIT, allowance="own"), allowances=[allowance])


@dataclass
class Months:
    """The lines, the world as the first month finds it, and the usage that comes in each month's files."""

    lines: list[Line]
    world: World
    usage: list[list[Use]]


@st.composite
def months(draw: st.DrawFn) -> Months:
    """A few lines; usage of a month comes in its files or, late, in those of a month after."""
    lines = [
        Line(
            f"line{number}",
            draw(st.integers(1, 20)),
            draw(st.sampled_from((None, "next_period", "never"))),
            draw(st.one_of(st.none(), st.integers(1, 15))),
        )
        for number in range(draw(st.integers(2, 4)))
    ]
    usage: list[list[Use]] = [[] for _ in MONTHS[1:]]
    event = st.tuples(st.sampled_from(lines), st.integers(-20, 118), st.integers(0, 2), st.integers(0, 84))
    for number, (line, day, months_late, sevenths) in enumerate(draw(st.lists(event, min_size=10, max_size=30))):
        at = STARTS[0] + timedelta(days=day, seconds=number)
        month = max(0, sum(at >= start for start in STARTS) - 1)
        came = min(month + months_late, len(usage) - 1)
        usage[came].append(Use(f"u{number}", line.product_id, at, sevenths * UNIT // 7, (1 + number % 5, number)))
    account = Account("a", (MONTHS[0], MONTHS[1]))
    products = [Product(line.product_id, "a", f"{line.product_id}-plan") for line in lines]
    return Months(lines, World([line.offering() for line in lines], [account], products, usage[0]), usage)


@dataclass
class Buckets:
    """What the buckets of one line hold by the book's words, month after month."""

    line: Line
    carried: int = 0
    used: dict[int, int] | None = None

    def cover(self, month: int, usage: list[Use]) -> dict[str, int]:
        """What each event of a month's files has free."""
        full, self.used = self.line.quantity * UNIT, self.used or defaultdict(int)
        covered, taken = {}, 0
        for use in sorted(usage, key=lambda use: (use.at, use.key)):
            if self.line.expires:
                # Late usage draws from what has been carried on, so that nothing is handed out twice.
                covered[use.key] = min(use.units, full + self.carried - taken)
                taken += covered[use.key]
            else:
                its_month = sum(use.at >= start for start in STARTS) - 1
                covered[use.key] = min(use.units, full - self.used[its_month])
                self.used[its_month] += covered[use.key]
        rest = full + self.carried - taken
        rest = min(rest, full) if self.line.expires == "next_period" else rest
        self.carried = (
            0 if not self.line.expires else rest if self.line.maximum is None else min(rest, self.line.maximum * UNIT)
        )
        return covered
