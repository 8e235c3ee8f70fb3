# ruff: noqa: E501 - lines of the book and messages are shown as they are
"""Allowances: what draws from them is checked, and the order in which they are used up becomes passes."""

import pytest

from assets.catalog.check import check_book
from assets.catalog.loading.allowances import drawn_allowances, pass_numbers
from tests.unit.catalog.books import VALID_BOOK, write_book

PACK = """\
offerings:
  - id: pack
    kind: simple
    service: voice
    name: {pl: "Pakiet", en: "Pack"}
    tax_category: standard
    supplier: wisla-pl
    effective_from: "2026-01-01"
    allowances:
      - id: shared
        quantity: "1000"
        shared_by: account
        priority: 200
        rollover: {maximum: "500", expires: next_period}
        covers: [{offering: mobile-start, price: calls-national}]
      - {id: first, quantity: "10", priority: 1, covers: [{offering: mobile-start, price: calls-national}]}
"""
BROKEN = [
    ("an unknown offering", "offering: mobile-start", "offering: mobile-stat",
     "offerings/pack.yaml:15: offerings[0].allowances[0].covers[0].offering: found offering 'mobile-stat'"),
    ("a price that is no usage price", "price: calls-national", "price: monthly-fee",
     "offerings/pack.yaml:15: offerings[0].allowances[0].covers[0].price: found price 'monthly-fee', expected a usage price"),
    ("usage of two units", "price: calls-national", "price: calls-national}, {offering: mobile-start, price: roaming",
     "offerings/pack.yaml:10: offerings[0].allowances[0]: found an allowance of duration in s with 6 decimals, voice.count"),
    ("an unknown expiry", "expires: next_period", "expires: soon", "rollover.expires: found 'soon'"),
    ("an allowance twice", "id: first", "id: shared", "found the allowance 'shared' 2 times, expected each allowance id once"),
    ("too many one after the other", "      - {id: first", '      - {id: second, quantity: "1", priority: 2, covers: [{offering: mobile-start, price: calls-national}]}\n      - {id: first',
     "as number 4 that some usage draws from, expected at most 3 allowances one after the other"),
]  # fmt: skip


def checked(folder, pack: str = PACK):
    return check_book(write_book(folder, {**VALID_BOOK, "offerings/pack.yaml": pack}))


@pytest.mark.parametrize(("old", "new", "message"), [case[1:] for case in BROKEN], ids=[case[0] for case in BROKEN])
def test_an_allowance_is_reported_with(tmp_path, old, new, message):
    assert old in PACK
    assert message in checked(tmp_path, PACK.replace(old, new, 1)).report()


def test_allowances_of_one_price_are_used_up_by_priority_in_passes_of_their_own(tmp_path):
    found = checked(tmp_path)
    assert found.report() == ""
    minutes, shared, first = ("mobile-start", "minutes"), ("pack", "shared"), ("pack", "first")
    assert drawn_allowances(found.book) == {
        ("mobile-start", "calls-national"): [first, minutes, shared],
        ("mobile-start", "calls-world"): [minutes],
    }
    assert pass_numbers(found.book) == {first: 1, minutes: 2, shared: 3}
