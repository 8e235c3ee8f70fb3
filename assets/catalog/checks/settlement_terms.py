"""Checks of settlement terms.

Belongs here: rules of the terms of one version: currency, exchange rates, tax category.
Belongs elsewhere: what is settled (``waterfall``), self-billing and disputes (``settlement_conduct``), the grammar of
a term (``models.settlement``).
"""

from collections import Counter
from collections.abc import Iterator

from assets.catalog.book import Book
from assets.catalog.checks.settlement_conduct import check_conduct
from assets.catalog.models.agreement import Agreement, AgreementVersion
from assets.catalog.models.operator import Operator
from assets.catalog.models.settlement import SettlementItem
from assets.catalog.models.tax import MAIN_TAX
from assets.catalog.reading.problems import Path, Placed, Problem, listed, shown
from assets.catalog.reference import published_currencies


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
    elif book.operator is not None:
        yield from _check_published(book.operator.value, place, where, version)
    if book.is_unknown("tax category", settlement.tax_category):
        found = f"tax category {shown(settlement.tax_category)}"
        expected = f"one of {listed(book.names('tax category'))}"
        yield place.problem((*where, "tax_category"), found, expected, "Add rows for it to taxes.csv.")
    further = {row.value.tax for row in book.taxes if row.value.tax_category == settlement.tax_category} - {MAIN_TAX}
    if further:
        found = f"tax category {shown(settlement.tax_category)}, which has rows of {listed(sorted(further))} too"
        expected = f"a category of {MAIN_TAX} alone: documents between partners carry one tax"
        yield place.problem((*where, "tax_category"), found, expected, "Give taxes.csv a category for such supplies.")
    yield from _check_calendar(place, path, version)
    if settlement.withholding is not None and book.operator is not None:
        classes = {rule.payment_class for rule in book.operator.value.withholding}
        if settlement.withholding.payment_class not in classes:
            found = f"payment class {shown(settlement.withholding.payment_class)}"
            expected = f"one of {listed(classes)}" if classes else "a class with rules, but there are none"
            remedy = "Add its rates to withholding in operator.yaml."
            yield place.problem((*where, "withholding", "payment_class"), found, expected, remedy)
    yield from _check_items(place, where, settlement.items)
    yield from check_conduct(book, place, where, settlement)


def _check_calendar(place: Placed[Agreement], path: Path, version: AgreementVersion) -> Iterator[Problem]:
    """What only a settlement run of its own can do, and items that are measured in less than a settlement period."""
    settlement, where = version.settlement, (*path, "settlement")
    if settlement.cycle == "bill_run":
        if settlement.trigger != "billed":
            found = f"trigger {settlement.trigger} with cycle bill_run"
            expected = "a cycle with settlement runs of its own: a bill run settles what it bills"
            yield place.problem((*where, "trigger"), found, expected, "Add cycle: month, quarter, half_year or year.")
        for field in ("time_zone", "cut_off_days"):
            if getattr(settlement, field):
                expected = "it only with a cycle of its own: a bill run has the calendar of its bills"
                remedy = "Remove it, or add cycle: month, quarter, half_year or year."
                yield place.problem((*where, field), f"{field} with cycle bill_run", expected, remedy)
    if settlement.trigger == "collected" and version.known_from > version.effective_from:
        found = (
            f"terms effective from {version.effective_from}, known from {version.known_from}, with trigger collected"
        )
        expected = "terms that are known when they begin: parts of bills that were collected are not shared once more"
        yield place.problem((*path, "known_from"), found, expected, "Let a new version begin later.")
    if settlement.payment_allocation != "pro_rata" and settlement.trigger != "collected":
        found = f"payment_allocation {settlement.payment_allocation} with trigger {settlement.trigger}"
        yield place.problem(
            (*where, "payment_allocation"), found, "it only with trigger collected", "Remove it, or change the trigger."
        )
    for position, item in enumerate(settlement.items):
        if item.period == "month" and settlement.cycle in ("quarter", "half_year", "year"):
            found = f"a {item.kind} per month in an agreement settled per {settlement.cycle}"
            remedy = "Write period: year, or settle every month."
            yield place.problem(
                (*where, "items", position, "period"), found, "a period that is not within a settlement period", remedy
            )


def _check_published(
    operator: Operator, place: Placed[Agreement], where: Path, version: AgreementVersion
) -> Iterator[Problem]:
    """Lines come in any of the operator's currencies; those and the settlement's need rates of the source."""
    settlement = version.settlement
    if set(operator.currencies) == {settlement.currency} or settlement.currency in published_currencies():
        return
    found = f"currency {shown(settlement.currency)}, of which {settlement.fx_source} publishes no rates"
    expected = "a currency that the FX source publishes, since lines may come in another one"
    yield place.problem((*where, "currency"), found, expected, "Settle in another currency, or name another source.")


# What belongs to which kind of item.
_FIELDS = {"period": ("minimum_guarantee", "cap"), "true_up": ("minimum_guarantee",), "percent": ("recoupment",),
           "direction": ("fee",), "prorated": ("minimum_guarantee", "cap")}  # fmt: skip


def _check_items(place: Placed[Agreement], where: Path, items: list[SettlementItem]) -> Iterator[Problem]:
    counts = Counter(item.id for item in items)
    agreement = place.value
    for position, item in enumerate(items):
        path = (*where, "items", position)
        if counts[item.id] > 1:
            yield place.problem(
                (*path, "id"), f"the item {shown(item.id)} {counts[item.id]} times", "once", "Rename one."
            )
        if item.to == agreement.payer or item.to not in agreement.parties:
            expected = f"a receiver among parties: {listed(set(agreement.parties) - {agreement.payer})}"
            yield place.problem((*path, "to"), f"receiver {shown(item.to)}", expected, "Name who is settled with.")
        if item.kind in _FIELDS["period"] and item.period is None:
            remedy = "Add period: month, or period: year."
            yield place.problem(path, f"a {item.kind} without period", "the period that it is measured in", remedy)
        for field, kinds in _FIELDS.items():
            if getattr(item, field) is not None and item.kind not in kinds:
                expected = f"it only in {' and '.join(kinds)}"
                yield place.problem((*path, field), f"{field} in a {item.kind}", expected, "Remove it.")
