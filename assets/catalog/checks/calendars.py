"""Checks of calendars, and of prices and usage specifications that refer to their bands.

Belongs here: bands between which nothing decides, holidays nobody knows, references to bands.
Belongs elsewhere: the shape of a band (``models.calendar``), other parts of a price (``offerings``).
"""

import datetime
from collections import Counter
from collections.abc import Generator, Iterator
from itertools import combinations

from assets.catalog.book import Book
from assets.catalog.models.calendar import WEEKDAYS, Calendar, TimeBand
from assets.catalog.models.offering import SimpleOffering
from assets.catalog.models.party_tariff import AgreementTariff
from assets.catalog.models.usage_price import UsagePrice
from assets.catalog.models.usage_specification import QuantityCharacteristic, UsageSpecification
from assets.catalog.public_holidays import holiday_dates, supported
from assets.catalog.reading.problems import Path, Placed, Problem, listed, shown

# Every weekday falls on every day of the year within these; 29 February included.
_FIRST_DAY, _LAST_DAY = datetime.date(2020, 1, 1), datetime.date(2047, 12, 31)


def check_calendars(book: Book) -> Iterator[Problem]:
    """Problems of every calendar."""
    for place in book.calendars.values():
        is_known = yield from _check_holidays(place)
        yield from _check_bands(place)
        if is_known:
            yield from _check_ties(place)
    for offering in book.price_lists:
        for position, price in enumerate(offering.value.prices):
            if isinstance(price, UsagePrice):
                yield from _check_price(book, offering, ("prices", position), price)
    for specification in book.usage_specifications.values():
        yield from _check_split(specification)


def _check_holidays(place: Placed[Calendar]) -> Generator[Problem, None, bool]:
    """Problems of the holidays; returns whether their days are known."""
    chosen = place.value.holidays
    if chosen is None:
        for position, band in enumerate(place.value.bands):
            if band.holidays is not None:
                found, expected = "holidays in a calendar without holidays", "holidays of a country in the calendar"
                path: Path = ("bands", position, "holidays")
                yield place.problem(path, found, expected, "Add holidays: {country: PL} to the calendar.")
        return all(band.holidays is None for band in place.value.bands)
    countries = supported()
    if chosen.country not in countries:
        found, expected = f"country {shown(chosen.country)}", "a country that package holidays knows"
        yield place.problem(("holidays", "country"), found, expected, "List the days as dates instead.")
        return False
    if chosen.subdivision is not None and chosen.subdivision not in countries[chosen.country]:
        expected = f"one of {listed(countries[chosen.country], limit=60)}"
        found = f"subdivision {shown(chosen.subdivision)}"
        yield place.problem(("holidays", "subdivision"), found, expected, "Correct it, or leave it out.")
        return False
    return True


def _check_bands(place: Placed[Calendar]) -> Iterator[Problem]:
    counts = Counter(band.id for band in place.value.bands)
    for position, band in enumerate(place.value.bands):
        path: Path = ("bands", position)
        if counts[band.id] > 1:
            found = f"the band {shown(band.id)} {counts[band.id]} times"
            yield place.problem((*path, "id"), found, "each band once in a calendar", "Rename one.")
        if band.end is not None and band.end <= band.start:
            found = f"{band.start:%H:%M} until {band.end:%H:%M}"
            remedy = "Make two bands of it: one until midnight, one from midnight. Prices can name both."
            yield place.problem((*path, "end"), found, "an end after the start; midnight ends a band", remedy)


def _check_ties(place: Placed[Calendar]) -> Iterator[Problem]:
    calendar = place.value
    holidays = frozenset(holiday_dates(calendar.holidays)) if calendar.holidays else frozenset[datetime.date]()
    days_by_band: dict[str, frozenset[datetime.date]] = {}
    for (_, one), (position, other) in combinations(enumerate(calendar.bands), 2):
        if (one.weight, one.start, one.specificity) != (other.weight, other.start, other.specificity):
            continue
        for band in (one, other):
            if band.id not in days_by_band:
                days_by_band[band.id] = days_of(band, holidays)
        common = days_by_band[one.id] & days_by_band[other.id]
        if common and one.id != other.id:
            found = (
                f"{shown(other.id)}, which starts at {other.start:%H:%M} with the weight and days of {shown(one.id)}"
            )
            remedy = f"Give one of them another weight; both hold on {min(common)}."
            yield place.problem(("bands", position), found, "one band that counts at any instant", remedy)


def days_of(band: TimeBand, holidays: frozenset[datetime.date]) -> frozenset[datetime.date]:
    """The days of a few decades on which a band holds."""
    count = (_LAST_DAY - _FIRST_DAY).days + 1
    days = (_FIRST_DAY + datetime.timedelta(number) for number in range(count))
    return frozenset(day for day in days if _holds_on(band, day, day in holidays))


def _holds_on(band: TimeBand, day: datetime.date, is_holiday: bool) -> bool:
    return (
        (band.weekdays is None or WEEKDAYS[day.weekday()] in band.weekdays)
        and (band.months is None or day.month in band.months)
        and (band.month_days is None or day.day in band.month_days)
        and (band.dates is None or day.isoformat() in band.dates or day.isoformat()[5:] in band.dates)
        and (band.holidays is None or is_holiday == (band.holidays == "only"))
    )


def _check_price(
    book: Book, place: Placed[SimpleOffering] | Placed[AgreementTariff], path: Path, price: UsagePrice
) -> Iterator[Problem]:
    if price.calendar is not None and book.is_unknown("calendar", price.calendar):
        found, expected = f"calendar {shown(price.calendar)}", f"one of {listed(book.names('calendar'))}"
        yield place.problem((*path, "calendar"), found, expected, "Correct it, or add a file below calendars/.")
        return
    calendar = book.calendars.get(price.calendar or "")
    yield from _check_divided(book, place, path, price)
    for number, version in enumerate(price.versions):
        seen: set[str] = set()
        for entry, part in enumerate(version.time_bands):
            where: Path = (*path, "versions", number, "time_bands", entry)
            if price.calendar is None:
                found, expected = "time_bands of a price without calendar", "a calendar of the price"
                yield place.problem(where, found, expected, "Add calendar to the price.")
                break
            for band_position, band in enumerate(part.bands):
                here: Path = (*where, "in", band_position)
                known = {known.id for known in calendar.value.bands} if calendar is not None else {band}
                if band not in known:
                    expected = f"one of {listed(known)}"
                    yield place.problem(here, f"band {shown(band)}", expected, "Correct it, or add it to the calendar.")
                if band in seen:
                    yield place.problem(here, f"band {shown(band)} a second time", "each band once", "Remove one.")
                seen.add(band)


def _check_divided(
    book: Book, place: Placed[SimpleOffering] | Placed[AgreementTariff], path: Path, price: UsagePrice
) -> Iterator[Problem]:
    """A divided call is rated by itself, so its tariffs must not look at what came before it."""
    specification = book.usage_specifications.get(price.usage)
    is_divided = (
        specification is not None
        and specification.value.time_bands.split == "at_boundary"
        and specification.value.time_bands.duration == price.measure.characteristic
    )
    if not is_divided or price.counter == "event":
        return
    for number, version in enumerate(price.versions):
        models = {version.tariff.model, *(part.tariff.model for part in version.time_bands)}
        if version.time_bands and models != {"per_unit"}:
            found = f"time_bands with the tariffs {listed(models)} and counter: {price.counter}"
            expected = "counter: event, or per_unit tariffs only, where calls are divided at boundaries"
            yield place.problem((*path, "versions", number, "time_bands"), found, expected, "Add counter: event.")


def _check_split(place: Placed[UsageSpecification]) -> Iterator[Problem]:
    specification = place.value
    chosen = specification.time_bands
    seconds = [entry.id for entry in specification.quantities if entry.unit == "s"]
    if chosen.split == "by_start":
        if chosen.duration is not None:
            found, expected = "a duration with split: by_start", "split: at_boundary with duration"
            yield place.problem(("time_bands", "duration"), found, expected, "Remove it, or split at the boundary.")
    elif chosen.duration is None:
        expected = f"the quantity in seconds that is the duration: {listed(seconds)}"
        yield place.problem(("time_bands",), "no duration", expected, "Add duration.")
    else:
        quantity = specification.characteristic(chosen.duration)
        if not isinstance(quantity, QuantityCharacteristic) or quantity.unit != "s":
            found, expected = f"characteristic {shown(chosen.duration)}", f"a quantity with unit s: {listed(seconds)}"
            yield place.problem(("time_bands", "duration"), found, expected, "Name the duration in seconds.")
