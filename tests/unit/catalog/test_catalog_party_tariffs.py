"""Tariffs of agreements that are wrong are refused with file and line."""

from pathlib import Path

import pytest

from assets.catalog.check import check_book
from tests.unit.catalog.books import VALID_BOOK, write_book

FILE = "agreements/roaming.yaml"
PRICE = "          - id: minutes\n"
BROKEN = [
    ("        receiver: gadu", "        receiver: kiosk",
     ":10: agreements[0].tariffs[0].receiver: found receiver 'kiosk', expected one of parties: gadu, wisla-telekom"),
    ("        receiver: gadu", "        receiver: wisla-telekom",
     ":10: agreements[0].tariffs[0].receiver: found 'wisla-telekom' as payer and receiver, expected two parties"),
    ("where: {network: {in: [roaming]}}", "where: {network: {in: [abroad]}}",
     ":11: agreements[0].tariffs[0].covers[0].where.network.in[0]: found value 'abroad', expected one of home"),
    (", where: {network: {in: [roaming]}}", "",
     "covers[0]: found a cover of all voice usage, whoever's it is, expected what tells the agreement's usage"),
    ("where: {network: {in: [roaming]}}", "identified_by: {characteristic: caller, identifier_kind: plmn}",
     "identified_by.characteristic: found characteristic 'caller', expected a code that usage specification voice"),
    ("covers: [{usage: voice, ", "covers: [{usage: vois, ",
     "covers[0].usage: found usage specification 'vois', expected one of voice"),
    (PRICE, PRICE + "            allowance: minutes\n",
     "prices[0].allowance: found allowance in a tariff of an agreement, expected prices between partners without it"),
    (PRICE, PRICE + "            tax_inclusive: true\n",
     "prices[0].tax_inclusive: found tax_inclusive: true, expected prices between partners without tax"),
    ("currency: EUR\n            usage", "currency: XDR\n            usage",
     ":16: agreements[0].tariffs[0].prices[0].currency: found currency 'XDR', expected one of the operator's"),
    ('name: {pl: "Rozmowy", en: "Calls"}', 'name: {en: "Calls"}',
     ":8: agreements[0].tariffs[0].name: found no text in pl"),
]  # fmt: skip


@pytest.mark.parametrize(("old", "new", "message"), BROKEN)
def test_a_wrong_tariff_is_refused_with_file_and_line(tmp_path: Path, old: str, new: str, message: str) -> None:
    assert old in VALID_BOOK[FILE], "the mutation does not fit the valid book any more"
    report = check_book(write_book(tmp_path, {**VALID_BOOK, FILE: VALID_BOOK[FILE].replace(old, new, 1)})).report()
    assert message in report
    assert FILE in report


def test_an_agreement_without_tariffs_needs_its_sharing(tmp_path: Path) -> None:
    file = "agreements/streamly.yaml"
    lines = VALID_BOOK[file].splitlines(keepends=True)
    kept = [line for line in lines if "sharing:" not in line and "- {id:" not in line]
    assert len(kept) < len(lines)
    assert (
        "found no sharing, expected the waterfall"
        in check_book(write_book(tmp_path, {**VALID_BOOK, file: "".join(kept)})).report()
    )


# A tariff as the amount of a sharing item: what must hold between the two.
ITEM_FILE = "agreements/wholesale.yaml"
WHOLESALE = """\
agreements:
  - id: wholesale
    name: {pl: "Hurt", en: "Wholesale"}
    payer: wisla-telekom
    parties: [wisla-telekom, gadu, kiosk]
    tariffs:
      - id: minutes
        name: {pl: "Minuty", en: "Minutes"}
        payer: wisla-telekom
        receiver: gadu
        settled: false
        covers: [{usage: voice}]
        prices:
          - id: minutes
            kind: usage
            name: {pl: "Minuty", en: "Minutes"}
            currency: EUR
            usage: voice
            measure: {aggregate: sum, characteristic: duration}
            counter: event
            versions: [{effective_from: "2026-01-01", tariff: {model: per_unit, unit_amount: "0.01"}}]
    versions:
      - version: "1"
        effective_from: "2026-01-01"
        known_from: "2025-12-01"
        covers: [{offering: mobile-start, price: calls-world, seller: kiosk}]
        sharing:
          - {id: network, to: gadu, tariff: minutes, cost: true}
          - {id: kept, kept: true}
        settlement: {currency: EUR, fx_source: ecb, trigger: billed, due_days: "30", document: statement, tax_category: standard}
"""  # noqa: E501
BROKEN_ITEMS = [
    ("tariff: minutes, cost", "tariff: minute, cost",
     ":28: agreements[0].versions[0].sharing[0].tariff: found tariff 'minute', expected one of minutes"),
    ("        settled: false\n", "",
     "sharing[0].tariff: found tariff 'minutes', which is settled by itself, expected a tariff with settled: false"),
    ("to: gadu, tariff", "to: kiosk, tariff",
     "sharing[0].to: found 'kiosk' gets what 'wisla-telekom' owes 'gadu' by the tariff, expected a tariff that"),
    ("{id: network, to: gadu, tariff: minutes, cost: true}", '{id: network, to: gadu, percent: "1"}',
     "tariffs[0].settled: found settled: false, and no sharing item with this tariff"),
    ("            counter: event\n", "            counter: month\n",
     "prices[0].counter: found counter month in the tariff of a sharing item, expected counter event"),
    ("            usage: voice\n", "            usage: voice\n            where: {network: {in: [home]}}\n",
     ":12: agreements[0].tariffs[0].covers[0]: found no price for all voice usage of this cover"),
    ('versions: [{effective_from: "2026-01-01", t', 'versions: [{effective_from: "2026-02-01", t',
     "prices[0].versions: found prices from 2026-02-01, while the item is in force from 2026-01-01"),
    ('known_from: "2025-12-01"', 'known_from: "2026-02-01"',
     "versions[0].known_from: found terms effective from 2026-01-01, known from 2026-02-01, in a chain with an item"),
]  # fmt: skip


def test_an_item_by_a_tariff_is_valid(tmp_path: Path) -> None:
    assert check_book(write_book(tmp_path, {**VALID_BOOK, ITEM_FILE: WHOLESALE})).report() == ""


@pytest.mark.parametrize(("old", "new", "message"), BROKEN_ITEMS)
def test_a_wrong_item_by_a_tariff_is_refused_with_file_and_line(
    tmp_path: Path, old: str, new: str, message: str
) -> None:
    assert old in WHOLESALE, "the mutation does not fit the valid book any more"
    report = check_book(write_book(tmp_path, {**VALID_BOOK, ITEM_FILE: WHOLESALE.replace(old, new, 1)})).report()
    assert message in report
