"""Adjustments, minimums and fee cycles that refer to what is not there are reported with file, line and remedy."""

from pathlib import Path

import pytest

from assets.catalog.check import check_book
from assets.catalog.docs.examples import FORMS
from tests.unit.catalog.books import VALID_BOOK, write_book

EXAMPLE = next(form.example for form in FORMS if form.title == "Discounts, caps and minimums")
OFFERINGS = EXAMPLE.replace("electronic", "standard")
ENGLISH = {**VALID_BOOK, "operator.yaml": VALID_BOOK["operator.yaml"].replace("[pl, en]", "[en]")}
BROKEN = [
    ("counts: [line-fee]", "counts: [calls]", "found price 'calls', expected one of the offering's other prices"),
    ("id: cap", "id: loyalty", "the adjustment 'loyalty' 2 times, expected each adjustment id once"),
    ('percent: "10"', 'percent: "110"', "less than or equal to 100"),
    ("kind: amount", "kind: rebate", "found 'rebate', expected one of amount, maximum, percent"),
    ('{en: "Welcome discount"}', '{fr: "Bienvenue"}', "no text in en"),
    ("kind: recurring", "kind: recurring\n        cycle_day: 31", "cycle_day 31 with every: bill_period"),
    ("kind: recurring", "kind: recurring\n        count: 2", "count 2 and anchor cycle_day of a fee per bill period"),
]


def report_of(folder: Path, text: str) -> str:
    """What a book with one more offerings file is told."""
    return check_book(write_book(folder / "book", {**ENGLISH, "offerings/more.yaml": text})).report()


def test_the_example_of_the_reference_has_no_problems(tmp_path):
    assert report_of(tmp_path, OFFERINGS) == ""


@pytest.mark.parametrize(("old", "new", "message"), BROKEN, ids=[message[:40] for *_, message in BROKEN])
def test_a_broken_adjustment_is_reported(tmp_path, old, new, message):
    assert old in OFFERINGS
    assert message in report_of(tmp_path, OFFERINGS.replace(old, new, 1))
