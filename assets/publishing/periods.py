"""Billing periods: from the id to the two instants it lies between.

Belongs here: the grammar of ``YYYY-MM-cDD`` and its local midnights. Belongs elsewhere: which periods Dagster offers
(``orchestration.partitions``) and which accounts a period bills (``assets.publishing.account_periods``).
"""

import calendar
import re
from dataclasses import dataclass
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

from assets.publishing.refusal import Refusal

_GRAMMAR = re.compile(r"([0-9]{4})-(0[1-9]|1[0-2])-c(0[1-9]|[12][0-9]|3[01])")


@dataclass(frozen=True, slots=True)
class Period:
    """A period that starts on the cycle's day of a month and ends, exclusively, on that day of the next month.

    A month without that day has the cycle's day at its end: of cycle c31, February runs from its last day to 31 March.
    """

    period_id: str
    bill_cycle: str
    start_date: date
    end_date: date

    @classmethod
    def parse(cls, period_id: str) -> "Period":
        """``2026-10-c01`` is the first of October to the first of November 2026, for accounts of cycle c01.

        Raises:
            Refusal: ``bad_period``, not of that form.
        """
        found = _GRAMMAR.fullmatch(period_id)
        if not found:
            raise Refusal("bad_period", f"period {period_id!r} is not one.", "Write YYYY-MM-cDD, such as 2026-10-c01.")
        year, month, day = (int(part) for part in found.groups())
        end_year, end_month = (year + 1, 1) if month == 12 else (year, month + 1)
        return cls(period_id, f"c{day:02d}", _cycle_day(year, month, day), _cycle_day(end_year, end_month, day))

    def bounds(self, time_zone: str) -> tuple[datetime, datetime]:
        """The two local midnights as UTC instants, half-open.

        A midnight that the clock skips becomes the instant of the change.
        """
        return (local_midnight(self.start_date, time_zone), local_midnight(self.end_date, time_zone))


def local_midnight(day: date, time_zone: str) -> datetime:
    """The instant at which a local day begins."""
    return datetime(day.year, day.month, day.day, tzinfo=ZoneInfo(time_zone)).astimezone(UTC)


def _cycle_day(year: int, month: int, day: int) -> date:
    return date(year, month, min(day, calendar.monthrange(year, month)[1]))
