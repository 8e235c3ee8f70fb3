"""Words of the command line as usage rows: units, zones, what has to be said, and every way of being unclear."""

from functools import cache

import pytest

from assets.catalog.book import Book
from assets.catalog.check import check_book
from assets.quoting.hypothetical import UnclearUsage, parse_usage
from tests.pipeline import PROJECT_ROOT


@cache
def example_book() -> Book:
    checked = check_book(PROJECT_ROOT / "examples" / "book")
    assert not checked.problems
    return checked.book


@pytest.mark.parametrize(
    ("said", "times", "column", "value"),
    [
        ("voice=120min,zone=eu", 1, "duration_s", "7200"),
        ("voice=90,zone=eu", 1, "duration_s", "90"),
        ("voice=10x1.5min,zone=national", 10, "duration_s", "90.0"),
        ("data=5GB,network=roaming", 1, "volume_mb", "5120"),
        ("data=5GB,network=roaming", 1, "network", "roaming"),
    ],
)
def test_a_quantity_is_said_in_any_unit_of_its_kind(said, times, column, value):
    usage = parse_usage(said, example_book())
    assert (usage.times, usage.values[column]) == (times, value)


def test_a_country_is_a_number_in_that_country_and_the_book_decides_its_zone():
    book = example_book()
    usage = parse_usage("voice=1min,zone=DE", book)
    assert usage.values["called"].startswith("49")
    assert book.zone_lists["destinations"].zone_of(usage.values["called"][:7]) == "eu"


def test_what_is_not_said_is_the_first_value_that_the_book_lists():
    assert parse_usage("voice=1min,zone=eu", example_book()).values["network"] == "home"


@pytest.mark.parametrize(
    ("said", "message"),
    [
        ("vioce=1min", "found usage 'vioce', expected one of"),
        ("voice=1min", "voice needs called: say zone=NAME"),
        ("voice=1GB,zone=eu", "found the unit 'GB', expected s"),
        ("voice=much,zone=eu", "found 'much', expected a number with a unit"),
        ("voice=1min,zone=mars", "found zone 'mars', expected one of"),
        ("voice=1min,zone=eu,colour=red", "found colour, expected a characteristic of voice"),
        ("voice=1min,zone", "found 'zone', expected characteristic=value"),
    ],
)
def test_what_is_unclear_is_said_with_what_was_expected(said, message):
    with pytest.raises(UnclearUsage, match=message):
        parse_usage(said, example_book())
