"""Checks of the tax table and resolves standard rates.

Belongs here: overlapping rows, rates that do not fit the treatment, the word ``standard``.
Belongs elsewhere: which categories offerings and agreements use (their own modules).
"""

import json
from collections.abc import Iterator
from decimal import Decimal
from functools import cache
from importlib.resources import files
from itertools import combinations
from typing import Any

from assets.catalog.book import Book, spans_overlap
from assets.catalog.models.tax import MAIN_TAX
from assets.catalog.reading.problems import Placed, Problem, listed, shown


@cache
def standard_vat_rates() -> dict[str, Decimal]:
    """Standard VAT rate in percent by country code, from eu-vat-rates-data, read as exact decimals."""
    text = files("eu_vat_rates_data").joinpath("eu_vat_rates_data.json").read_text(encoding="utf-8")
    rates: dict[str, Any] = json.loads(text, parse_float=Decimal, parse_int=Decimal)["rates"]
    return {code: rate["standard"] for code, rate in rates.items() if isinstance(rate.get("standard"), Decimal)}


def check_taxes(book: Book) -> Iterator[Problem]:
    """Problems of ``taxes.csv``. Fills ``standard_rates``."""
    main = {place.value.tax_category for place in book.taxes if place.value.tax == MAIN_TAX}
    named = {tax.id for tax in book.operator.value.taxes} if book.operator else None
    rows_by_key: dict[tuple[str, ...], list[Placed]] = {}
    for place in book.taxes:
        row = place.value
        if row.rate_percent == "standard":
            rate = standard_vat_rates().get(row.receiver_country)
            if rate is None:
                found, expected = f"standard for {row.receiver_country}", "a country of eu-vat-rates-data"
                yield place.problem(("rate_percent",), found, expected, "Write the rate as a number.")
            else:
                book.standard_rates[row.receiver_country] = rate
        elif row.treatment not in ("standard", "reduced") and row.rate_percent != 0:
            found, expected = f"{row.treatment} with {row.rate_percent} percent", "0 percent for that treatment"
            yield place.problem(("rate_percent",), found, expected, "Correct the rate or the treatment.")
        if row.tax_category not in main:
            found = f"{shown(row.tax)} of category {shown(row.tax_category)}, which has no row of {MAIN_TAX}"
            remedy = f"Add a row of {MAIN_TAX}; where there is no such tax, one with treatment outside_scope."
            yield place.problem(("tax",), found, f"rows of {MAIN_TAX}, the tax that further ones come with", remedy)
        if row.tax != MAIN_TAX and named is not None and row.tax not in named:
            expected = f"one of {listed(sorted({MAIN_TAX, *named}))}"
            yield place.problem(("tax",), f"tax {shown(row.tax)}", expected, "Name it in taxes of operator.yaml.")
        if row.effective_until is not None and row.effective_until <= row.effective_from:
            found = f"{row.effective_from} until {row.effective_until}"
            yield place.problem(("effective_until",), found, "a day after effective_from", "Correct the dates.")
        key = (row.supplier_country, row.receiver_country, row.receiver_status, row.tax_category, row.tax)
        rows_by_key.setdefault(key, []).append(place)
    for names, places in rows_by_key.items():
        for one, other in combinations(places, 2):
            if spans_overlap(one.value, other.value):
                line = one.file.line_of(one.path)
                situation = shown(" ".join(names).removesuffix(f" {MAIN_TAX}"))
                found = f"a second row for {situation} in overlapping days (first on line {line})"
                remedy = "End the earlier row with effective_until on the day on which the later one starts."
                yield other.problem((), found, "one row at a time", remedy)
