"""``calendars/*.yaml``: bands of time that prices can ask for, such as peak, evening, weekend, public holidays.

Belongs here: which days and hours a band holds, and which of two overlapping bands counts.
Belongs elsewhere: what usage costs in a band (``usage_price``), bands as instants (dbt, ``int_time_band_spans``).
"""

import datetime
import re
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BeforeValidator, Field, PlainSerializer, WithJsonSchema

from assets.catalog.models.grammar import (
    BookModel,
    CountryCode,
    Identifier,
    Text,
    TimeZone,
    Unique,
    WholeNumber,
    matching,
    wrong,
)

WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_TIME = re.compile(r"^([01][0-9]|2[0-3]):[0-5][0-9](:[0-5][0-9])?$", re.ASCII)
_CALENDAR_DATE = r"^([0-9]{4}-)?(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])$"


def _local_time(value: Any) -> datetime.time:
    if isinstance(value, datetime.time):
        return value
    if not isinstance(value, str) or not _TIME.fullmatch(value):
        raise wrong('a time of day "HH:MM" or "HH:MM:SS"', 'Write it in quotes, for example "18:00".')
    return datetime.time.fromisoformat(value)


def _existing_day(value: str) -> str:
    # A day without a year has to exist in some year: 02-29 does.
    try:
        datetime.date.fromisoformat(value if len(value) > 5 else f"2024-{value}")
    except ValueError:
        raise wrong("a day that exists", 'For example "12-24" or "2026-12-24".') from None
    return value


LocalTime = Annotated[
    datetime.time,
    BeforeValidator(_local_time),
    PlainSerializer(lambda value: value.isoformat(), return_type=str, when_used="json"),
    WithJsonSchema({"title": "time of day", "type": "string", "pattern": _TIME.pattern}),
]
CalendarDate = Annotated[
    str,
    matching(_CALENDAR_DATE, 'a day "MM-DD" of every year or "YYYY-MM-DD"', 'For example "12-24" or "2026-12-24".'),
    AfterValidator(_existing_day),
    WithJsonSchema({"title": "day", "type": "string", "pattern": _CALENDAR_DATE}),
]
Weekday = Literal["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"]
Month = Annotated[WholeNumber, Field(ge=1, le=12)]
MonthDay = Annotated[WholeNumber, Field(ge=1, le=31)]


class Holidays(BookModel):
    """Whose public holidays, as package ``holidays`` knows them."""

    country: CountryCode = Field(description="The country.")
    subdivision: Text | None = Field(None, description="Part of the country with holidays of its own, as BY in DE.")


class TimeBand(BookModel):
    """Hours of certain days. All conditions on the day must hold; without one it is every day."""

    id: Identifier = Field(description="Name of the band, unique in the calendar; prices refer to it.")
    weekdays: Annotated[list[Weekday], Unique] | None = Field(None, min_length=1, description="Days of the week.")
    months: Annotated[list[Month], Unique] | None = Field(None, min_length=1, description="Months of the year.")
    month_days: Annotated[list[MonthDay], Unique] | None = Field(None, min_length=1, description="Days of the month.")
    dates: Annotated[list[CalendarDate], Unique] | None = Field(
        None, min_length=1, description='Days "MM-DD" of every year or "YYYY-MM-DD" of one.'
    )
    holidays: Literal["only", "except"] | None = Field(
        None, description="`only`: on public holidays. `except`: on all other days. Left out: whether or not."
    )
    start: LocalTime = Field("00:00", validate_default=True, description="Local time at which it starts.")
    end: LocalTime | None = Field(
        None,
        description="Local time at which it ends, exclusive. Left out: until a band that counts more, or midnight.",
    )
    weight: WholeNumber = Field(10, description="Where bands overlap, the one with the highest weight counts.")

    @property
    def specificity(self) -> int:
        """How narrowly the days are chosen: named days before holidays, days of the month, then weekdays and months."""
        if self.dates is not None:
            return 4
        if self.holidays == "only":
            return 3
        if self.month_days is not None:
            return 2
        return int(any((self.weekdays, self.months, self.holidays)))


class Calendar(BookModel):
    """Bands of time that prices can ask for."""

    id: Identifier = Field(description="Name of the calendar, unique in the book.")
    time_zone: TimeZone | None = Field(
        None, description="Whose clock. Left out: each account's own, which is the operator's unless it names one."
    )
    holidays: Holidays | None = Field(None, description="Public holidays, for bands that ask for them.")
    overlaps: Literal["most_specific", "latest_start"] = Field(
        "most_specific",
        description="Which of two bands of equal weight counts. `most_specific`: the one with the narrower days (named "
        "days, holidays, days of the month, weekdays), then the one that started last. `latest_start`: the one that "
        "started last, then the narrower. Two that are equal in all of it are an error.",
    )
    bands: list[TimeBand] = Field(min_length=1, description="The bands.")


class CalendarsFile(BookModel):
    """The whole of ``calendars/<any name>.yaml``."""

    calendars: list[Calendar] = Field(min_length=1, description="Calendars of the file; ids are unique in the book.")
