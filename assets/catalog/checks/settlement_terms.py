"""Checks of settlement terms.

Belongs here: rules of the terms of one version: currency, exchange rates, tax category.
Belongs elsewhere: what is settled (``waterfall``), the grammar of a term (``models.settlement``).
"""

from collections.abc import Iterator

from assets.catalog.book import Book
from assets.catalog.models.agreement import Agreement, AgreementVersion
from assets.catalog.problems import Path, Placed, Problem, listed, shown


def check_settlement_terms(
    book: Book, place: Placed[Agreement], path: Path, version: AgreementVersion
) -> Iterator[Problem]:
    """Problems of the settlement terms of one version."""
    settlement, where = version.settlement, (*path, "settlement")
    if book.operator is not None and settlement.currency not in book.operator.value.currencies:
        expected = f"one of the operator's currencies: {listed(book.operator.value.currencies)}"
        remedy = "Add it to currencies in operator.yaml."
        yield place.problem((*where, "currency"), f"currency {shown(settlement.currency)}", expected, remedy)
    if book.is_unknown("FX source", settlement.fx_source):
        found, expected = f"FX source {shown(settlement.fx_source)}", f"one of {listed(book.names('FX source'))}"
        yield place.problem((*where, "fx_source"), found, expected, "Define it in fx.yaml.")
    if book.is_unknown("tax category", settlement.tax_category):
        found = f"tax category {shown(settlement.tax_category)}"
        expected = f"one of {listed(book.names('tax category'))}"
        yield place.problem((*where, "tax_category"), found, expected, "Add rows for it to taxes.csv.")
