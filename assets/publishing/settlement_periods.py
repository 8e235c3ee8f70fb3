"""Settlement periods: from the id to the calendar span it stands for.

Belongs here: the grammar of ``YYYY-MM-month``, ``-quarter``, ``-half_year``, ``-year``.
Belongs elsewhere: billing periods (``assets.publishing.periods``), which shares a period takes (dbt,
``int_settlement_shares``), its state (view ``control.settlement_periods``).
"""

import re
from dataclasses import dataclass
from datetime import date, datetime

from assets.publishing.periods import local_midnight
from assets.publishing.refusal import Refusal

MONTHS = {"month": 1, "quarter": 3, "half_year": 6, "year": 12}
SETTLEMENT_PERIOD_GRAMMAR = re.compile(
    r"([0-9]{4})-(?:(0[1-9]|1[0-2])-(month)|(01|04|07|10)-(quarter)|(01|07)-(half_year)|(01)-(year))"
)


def is_settlement_period(period_id: str) -> bool:
    """Whether an id is one of a settlement period, not of a billing period."""
    return SETTLEMENT_PERIOD_GRAMMAR.fullmatch(period_id) is not None


@dataclass(frozen=True, slots=True)
class SettlementPeriod:
    """A calendar month, quarter, half-year or year; ``end_date`` is the day after its last."""

    period_id: str
    cycle: str
    start_date: date
    end_date: date

    @classmethod
    def parse(cls, period_id: str) -> "SettlementPeriod":
        """``2026-10-quarter`` is October to December 2026, of agreements with cycle ``quarter``.

        Raises:
            Refusal: ``bad_period``, not of that form, or not a month in which such a period starts.
        """
        found = SETTLEMENT_PERIOD_GRAMMAR.fullmatch(period_id)
        if not found:
            raise Refusal(
                "bad_period",
                f"period {period_id!r} is not a settlement period.",
                "Write its first month and cycle: 2026-10-month, 2026-10-quarter, 2026-07-half_year, 2026-01-year.",
            )
        year, month, cycle = int(period_id[:4]), int(period_id[5:7]), period_id[8:]
        months = year * 12 + month - 1 + MONTHS[cycle]
        return cls(period_id, cycle, date(year, month, 1), date(months // 12, months % 12 + 1, 1))

    def bounds(self, time_zone: str) -> tuple[datetime, datetime]:
        """The two local midnights as UTC instants, half-open."""
        return (local_midnight(self.start_date, time_zone), local_midnight(self.end_date, time_zone))


def periods_of(cycle: str, first: date, last: date) -> list[str]:
    """The ids of a cycle's periods that touch the days from ``first`` to ``last``."""
    length = MONTHS[cycle]
    start = (first.year * 12 + first.month - 1) // length * length
    return [
        f"{month // 12:04d}-{month % 12 + 1:02d}-{cycle}" for month in range(start, last.year * 12 + last.month, length)
    ]
