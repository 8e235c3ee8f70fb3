"""Public holidays that package ``holidays`` carries, as days.

Belongs here: which countries it knows, the days of a span of years.
Belongs elsewhere: bands that ask for holidays (``models.calendar``), rows (``loading.calendars``).
"""

import datetime
from functools import lru_cache

from assets.catalog.models.calendar import Holidays

# Usage is never older than this, nor a contract longer; another package version with other days is another book.
FIRST_YEAR, LAST_YEAR = 2000, 2060


@lru_cache(maxsize=1)
def supported() -> dict[str, list[str]]:
    """Countries that the package knows, each with the codes of its subdivisions."""
    import holidays

    return holidays.list_supported_countries(include_aliases=False)


@lru_cache(maxsize=64)
def _days(country: str, subdivision: str | None) -> tuple[datetime.date, ...]:
    import holidays

    years = range(FIRST_YEAR, LAST_YEAR + 1)
    return tuple(sorted(holidays.country_holidays(country, subdiv=subdivision, years=years)))


def holiday_dates(chosen: Holidays) -> tuple[datetime.date, ...]:
    """The public holidays of a country or subdivision, in order, observed days included."""
    return _days(chosen.country, chosen.subdivision)
