"""Writes calendars, their bands and public holidays, and numbers them.

Belongs here: rows of the calendar tables.
Belongs elsewhere: tariffs of bands (``loading.offerings``), bands as instants (dbt).
"""

from typing import Any

import psycopg

from assets.catalog.book import Book
from assets.catalog.loading.rows import copy_rows
from assets.catalog.models.calendar import WEEKDAYS
from assets.catalog.models.usage_price import PriceVersion
from assets.catalog.public_holidays import holiday_dates

_BAND_COLUMNS = (
    "book_id",
    "time_band_number",
    "calendar_number",
    "time_band_id",
    "weekdays",
    "months",
    "month_days",
    "dates",
    "holiday_rule",
    "starts_at",
    "ends_at",
    "weight",
    "specificity",
)


def load_calendars(connection: psycopg.Connection, book: Book, book_id: int) -> None:
    """Write all calendars of a checked book."""
    calendars: list[tuple[Any, ...]] = []
    bands: list[tuple[Any, ...]] = []
    holidays: list[tuple[Any, ...]] = []
    for number, identifier in enumerate(sorted(book.calendars), start=1):
        calendar = book.calendars[identifier].value
        calendars.append((book_id, number, identifier, calendar.time_zone, calendar.overlaps))
        for band in calendar.bands:
            weekdays = None if band.weekdays is None else [WEEKDAYS.index(name) + 1 for name in band.weekdays]
            bands.append(
                (
                    book_id,
                    len(bands) + 1,
                    number,
                    band.id,
                    weekdays,
                    band.months,
                    band.month_days,
                    band.dates,
                    band.holidays,
                    band.start,
                    band.end,
                    band.weight,
                    band.specificity,
                )
            )
        if calendar.holidays is not None:
            holidays += [(book_id, number, day) for day in holiday_dates(calendar.holidays)]
    columns = ("book_id", "calendar_number", "calendar_id", "time_zone", "overlap_rule")
    copy_rows(connection, "calendars", columns, calendars)
    copy_rows(connection, "time_bands", _BAND_COLUMNS, bands)
    copy_rows(connection, "calendar_holidays", ("book_id", "calendar_number", "holiday_date"), holidays)


# Columns of ``catalog.price_time_bands``.
TIME_BAND_COLUMNS = (
    "price_version_id",
    "band_number",
    "calendar_number",
    "time_band_numbers",
    "tariff_model",
    "minimum_amount",
    "maximum_amount",
)


def time_band_rows(
    book: Book, calendar_id: str | None, price_version_id: int, version: PriceVersion
) -> list[tuple[Any, ...]]:
    """Which bands each of a price version's further tariffs is for, numbered as ``load_calendars`` does."""
    keys = [
        (number, identifier, band.id)
        for number, identifier in enumerate(sorted(book.calendars), start=1)
        for band in book.calendars[identifier].value.bands
    ]
    numbers = {
        band: (number, position)
        for position, (number, identifier, band) in enumerate(keys, start=1)
        if identifier == calendar_id
    }
    return [
        (
            price_version_id,
            entry,
            numbers[part.bands[0]][0],
            [numbers[band][1] for band in part.bands],
            part.tariff.model,
            getattr(part.tariff, "minimum", None),
            getattr(part.tariff, "maximum", None),
        )
        for entry, part in enumerate(version.time_bands, start=1)
    ]
