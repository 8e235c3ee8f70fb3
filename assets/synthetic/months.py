"""Months of the example operator: their bounds, their place among the others, when their deliveries were sent.

Belongs here: what differs between months, so that each delivers events and files of its own and they can be taken in
one after the other. Belongs elsewhere: what is delivered (the other modules of the package).
"""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

ZONE = ZoneInfo("Europe/Warsaw")
FIRST_MONTH = "2026-10"
# Events of months before the first are numbered as if these came in so many months, as no number is negative.
_MONTHS_AROUND = 1_200


def period_bounds(month: str) -> tuple[datetime, datetime]:
    """The month's local midnights in Warsaw, half-open."""
    year, number = (int(part) for part in month.split("-"))
    start = datetime(year, number, 1, tzinfo=ZONE)
    following = date(year + number // 12, number % 12 + 1, 1)
    return start, datetime(following.year, following.month, following.day, tzinfo=ZONE)


def months_before(month: str) -> int:
    """How many months were delivered before this one: 0 for the first month; another large number for each earlier."""
    (year, number), (first_year, first_number) = (
        (int(part) for part in name.split("-")) for name in (month, FIRST_MONTH)
    )
    return ((year - first_year) * 12 + number - first_number) % _MONTHS_AROUND


def file_number(month: str) -> int:
    """Of the month's file where a partner numbers one a month: 1 for the first month, and for any that is earlier."""
    number = months_before(month) + 1
    return number if number <= _MONTHS_AROUND // 2 else 1


def sent_at(month: str) -> datetime:
    """When the month's files were sent: in the night after it."""
    _, end = period_bounds(month)
    return datetime(end.year, end.month, end.day, 2, tzinfo=UTC)


def last_working_days(month: str, count: int) -> list[date]:
    """The month's last days from Monday to Friday, in order."""
    _, end = period_bounds(month)
    days = [end.date() - timedelta(days=back) for back in range(1, 2 * count + 6)]
    return sorted([day for day in days if day.weekday() < 5][:count])
