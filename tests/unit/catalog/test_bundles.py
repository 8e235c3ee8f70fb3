# ruff: noqa: E501 - lines of the book and messages are shown as they are
"""What a way of splitting a bundle's price needs is asked for with file and line."""

import pytest

from assets.catalog.check import check_book
from tests.unit.catalog.books import VALID_BOOK, write_book

TV = "offerings/tv.yaml"
COMPONENTS = (
    '    components:\n      - {offering: mobile-start, weight: "2"}\n      - {offering: video-stream, weight: "1"}\n'
)

BROKEN = [
    ("two components that take the residual",
     "    allocation: residual\n    components:\n      - {offering: mobile-start, takes_residual: true}\n      - {offering: video-stream, takes_residual: true}\n",
     "offerings/tv.yaml:25: offerings[1].components: found 2 components that take the residual, expected one component that takes the residual"),
    ("no component that takes the residual", "    allocation: residual\n" + COMPONENTS,
     "offerings/tv.yaml:25: offerings[1].components: found 0 components that take the residual"),
    ("a residual that nobody asked for", COMPONENTS.replace('weight: "1"', "takes_residual: true"),
     "offerings/tv.yaml:26: offerings[1].components[1].takes_residual: found takes_residual with allocation: weights, expected allocation: residual"),
    ("a price of the residual component", "    allocation: residual\n" + COMPONENTS.replace('weight: "1"', 'takes_residual: true, standalone_amount: "9"'),
     "offerings/tv.yaml:27: offerings[1].components[1].standalone_amount: found standalone_amount of the residual component"),
    ("a component without a standalone price", "    allocation: standalone_price\n" + COMPONENTS.replace("video-stream", "meter"),
     "offerings/tv.yaml:27: offerings[1].components[1]: found component 'meter' without a recurring price in PLN, expected a standalone price of each component. Remedy: Add standalone_amount"),
    ("a bundle by usage that nothing uses", "    allocation: usage\n    components:\n      - {offering: video-stream}\n",
     "offerings/tv.yaml:24: offerings[1].allocation: found components without usage prices, expected usage that decides the parts"),
    ("a component whose usage cannot be added", "    allocation: usage\n" + COMPONENTS,
     "offerings/tv.yaml:26: offerings[1].components[0]: found component 'mobile-start' whose usage is measured in events, s, expected usage in one unit per component"),
    ("an unknown way to split", "    allocation: fairly\n" + COMPONENTS,
     "offerings/tv.yaml:24: offerings[1].allocation: found 'fairly', expected 'weights', 'standalone_price', 'usage' or 'residual'"),
]  # fmt: skip

METER = """\
offerings:
  - id: meter
    kind: simple
    service: iot
    name: {pl: "Licznik", en: "Meter"}
    tax_category: standard
    supplier: wisla-pl
    effective_from: "2026-01-01"
    prices:
      - id: readings
        kind: usage
        name: {pl: "Odczyty", en: "Readings"}
        currency: PLN
        usage: voice
        measure: {aggregate: count}
        versions:
          - {effective_from: "2026-01-01", tariff: {model: per_unit, unit_amount: "0.10"}}
"""


def report(folder, components: str) -> str:
    assert COMPONENTS in VALID_BOOK[TV]
    tv = VALID_BOOK[TV].replace(COMPONENTS, components)
    return check_book(write_book(folder, {**VALID_BOOK, TV: tv, "offerings/meter.yaml": METER})).report()


@pytest.mark.parametrize(("components", "message"), [case[1:] for case in BROKEN], ids=[case[0] for case in BROKEN])
def test_a_bundle_is_reported_with(tmp_path, components, message):
    assert message in report(tmp_path, components)


@pytest.mark.parametrize(
    "components",
    [
        COMPONENTS,
        "    allocation: standalone_price\n" + COMPONENTS,
        '    allocation: standalone_price\n    components:\n      - {offering: meter, standalone_amount: "5"}\n      - {offering: video-stream}\n',
        "    allocation: residual\n    components:\n      - {offering: mobile-start}\n      - {offering: meter, takes_residual: true}\n",
        '    allocation: usage\n    components:\n      - {offering: meter, weight: "0.5"}\n      - {offering: video-stream}\n',
    ],
)
def test_every_way_to_split_can_be_written(tmp_path, components):
    assert report(tmp_path, components) == ""
