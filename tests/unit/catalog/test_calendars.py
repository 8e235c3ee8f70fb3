# ruff: noqa: E501 - lines of the book and messages are shown as they are
"""Calendars: what is wrong with bands and with prices that ask for them is reported with file and line."""

import datetime

import pytest

from assets.catalog.check import check_book
from assets.catalog.models.calendar import Holidays
from assets.catalog.public_holidays import holiday_dates
from tests.unit.catalog.books import VALID_BOOK, write_book

CALENDARS = """\
calendars:
  - id: week
    holidays: {country: PL}
    bands:
      - {id: evening, weekdays: [monday, tuesday, wednesday, thursday, friday], start: "18:00"}
      - {id: weekend, weekdays: [saturday, sunday]}
      - {id: holiday, holidays: only}
      - {id: lunch, weekdays: [monday], start: "12:00", end: "13:00", weight: 20}
      - {id: new-year, dates: ["01-01"], weight: 20}
"""
VOICE = VALID_BOOK["usage/voice.yaml"]
MOBILE = VALID_BOOK["offerings/mobile.yaml"]
BANDED = MOBILE.replace(
    '        allowance: minutes\n        versions:\n          - effective_from: "2026-01-01"\n',
    '        allowance: minutes\n        calendar: week\n        versions:\n          - effective_from: "2026-01-01"\n'
    '            time_bands:\n              - {in: [evening, weekend], tariff: {model: per_unit, unit_amount: "0.09", per_quantity: "60"}}\n',
)

BROKEN_CALENDARS = [
    ("a time without quotes", '"18:00"', "18:00", "calendars/week.yaml:5: calendars[0].bands[0].start: found 18:00 without quotes"),
    ("a time that does not exist", '"18:00"', '"24:00"', "calendars/week.yaml:5: calendars[0].bands[0].start: found '24:00', expected a time of day \"HH:MM\" or \"HH:MM:SS\""),
    ("an end before the start", 'end: "13:00"', 'end: "11:00"', "calendars/week.yaml:8: calendars[0].bands[3].end: found 12:00 until 11:00, expected an end after the start; midnight ends a band"),
    ("a day that does not exist", '"01-01"', '"02-30"', "calendars/week.yaml:9: calendars[0].bands[4].dates[0]: found '02-30', expected a day that exists"),
    ("a weekday nobody knows", "[saturday, sunday]", "[saturday, sonntag]", "calendars/week.yaml:6: calendars[0].bands[1].weekdays[1]: found 'sonntag'"),
    ("holidays without a country", "    holidays: {country: PL}\n", "", "calendars/week.yaml:6: calendars[0].bands[2].holidays: found holidays in a calendar without holidays"),
    ("a country whose holidays nobody knows", "country: PL", "country: AC", "calendars/week.yaml:3: calendars[0].holidays.country: found country 'AC', expected a country that package holidays knows"),
    ("a subdivision that does not exist", "country: PL", "country: DE, subdivision: XX", "calendars/week.yaml:3: calendars[0].holidays.subdivision: found subdivision 'XX', expected one of Augsburg, BB, BE"),
    ("two bands between which nothing decides", "weekdays: [saturday, sunday]", "weekdays: [friday, saturday], start: \"18:00\"", "calendars/week.yaml:6: calendars[0].bands[1]: found 'weekend', which starts at 18:00 with the weight and days of 'evening', expected one band that counts at any instant. Remedy: Give one of them another weight; both hold on 2020-01-03."),
    ("a band twice", "id: weekend", "id: evening", "calendars/week.yaml:5: calendars[0].bands[0].id: found the band 'evening' 2 times"),
]  # fmt: skip
BROKEN_PRICES = [
    ("an unknown calendar", "calendar: week", "calendar: weak", "offerings/mobile.yaml:35: offerings[0].prices[2].calendar: found calendar 'weak', expected one of week, weekends"),
    ("an unknown band", "in: [evening, weekend]", "in: [evening, weakend]", "offerings/mobile.yaml:39: offerings[0].prices[2].versions[0].time_bands[0].in[1]: found band 'weakend', expected one of evening, holiday, lunch, new-year, weekend"),
    ("bands without a calendar", "        calendar: week\n", "", "offerings/mobile.yaml:38: offerings[0].prices[2].versions[0].time_bands[0]: found time_bands of a price without calendar"),
    ("a band in two entries", "weekend], tariff: {model: per_unit, unit_amount: \"0.09\", per_quantity: \"60\"}}", "weekend], tariff: {model: flat, amount: \"1\"}}\n              - {in: [weekend], tariff: {model: flat, amount: \"1\"}}", "offerings/mobile.yaml:40: offerings[0].prices[2].versions[0].time_bands[1].in[0]: found band 'weekend' a second time"),
]  # fmt: skip
BROKEN_SPLITS = [
    ("a split without duration", "{split: at_boundary}", "usage/voice.yaml:10: usage_specification.time_bands: found no duration, expected the quantity in seconds that is the duration: duration"),
    ("a duration that is not in seconds", "{split: at_boundary, duration: data}", "usage/voice.yaml:10: usage_specification.time_bands.duration: found characteristic 'data', expected a quantity with unit s: duration"),
    ("a duration that is not needed", "{split: by_start, duration: duration}", "usage/voice.yaml:10: usage_specification.time_bands.duration: found a duration with split: by_start"),
]  # fmt: skip


def report(folder, **changed: str) -> str:
    files = {**VALID_BOOK, "calendars/week.yaml": CALENDARS, "offerings/mobile.yaml": BANDED}
    names = {"calendars": "calendars/week.yaml", "mobile": "offerings/mobile.yaml", "voice": "usage/voice.yaml"}
    return check_book(write_book(folder, files | {names[key]: text for key, text in changed.items()})).report()


def split(text: str) -> str:
    return VOICE.replace("  characteristics:\n", f"  time_bands: {text}\n  characteristics:\n")


def test_a_book_with_bands_of_time_is_valid(tmp_path):
    assert BANDED != MOBILE
    assert report(tmp_path, voice=split("{split: at_boundary, duration: duration}")) == ""


@pytest.mark.parametrize(
    ("old", "new", "message"), [case[1:] for case in BROKEN_CALENDARS], ids=[case[0] for case in BROKEN_CALENDARS]
)
def test_a_calendar_is_reported_with(tmp_path, old, new, message):
    assert old in CALENDARS
    assert message in report(tmp_path, calendars=CALENDARS.replace(old, new, 1))


@pytest.mark.parametrize(
    ("old", "new", "message"), [case[1:] for case in BROKEN_PRICES], ids=[case[0] for case in BROKEN_PRICES]
)
def test_a_price_in_bands_is_reported_with(tmp_path, old, new, message):
    assert old in BANDED
    assert message in report(tmp_path, mobile=BANDED.replace(old, new, 1))


@pytest.mark.parametrize(
    ("text", "message"), [case[1:] for case in BROKEN_SPLITS], ids=[case[0] for case in BROKEN_SPLITS]
)
def test_a_split_is_reported_with(tmp_path, text, message):
    assert message in report(tmp_path, voice=split(text))


def test_holidays_are_those_of_the_country():
    days = holiday_dates(Holidays.model_validate({"country": "PL"}))
    assert datetime.date(2026, 11, 11) in days and datetime.date(2026, 6, 4) in days  # Independence Day, Corpus Christi
    assert datetime.date(2026, 11, 12) not in days
    bavarian = holiday_dates(Holidays.model_validate({"country": "DE", "subdivision": "BY"}))
    assert datetime.date(2026, 1, 6) in bavarian


def test_other_holidays_are_another_book(tmp_path, monkeypatch):
    files = {**VALID_BOOK, "calendars/week.yaml": CALENDARS}
    one = check_book(write_book(tmp_path / "one", files)).digest
    monkeypatch.setattr("assets.catalog.book.holiday_dates", lambda _: (datetime.date(2026, 1, 2),))
    assert check_book(tmp_path / "one").digest != one


def test_a_divided_call_is_not_priced_by_what_came_before_it(tmp_path):
    tiers = BANDED.replace(
        'tariff: {model: per_unit, unit_amount: "0.09", per_quantity: "60"}',
        'tariff: {model: package, package_size: "60", package_amount: "1"}',
    )
    divided = split("{split: at_boundary, duration: duration}")
    assert "found time_bands with the tariffs package, per_unit and counter: period, expected counter: event" in report(
        tmp_path / "period", mobile=tiers, voice=divided
    )
    by_event = tiers.replace("        calendar: week\n", "        calendar: week\n        counter: event\n", 1)
    assert report(tmp_path / "event", mobile=by_event, voice=divided) == ""
    assert report(tmp_path / "start", mobile=tiers) == ""
