"""Checks of offerings: what their prices and allowances refer to.

Belongs here: references, conditions.
Belongs elsewhere: bundles (``bundles``), two prices that match the same usage (``price_ties``), tariffs' shape
(``models.tariff``).
"""

from collections import Counter
from collections.abc import Iterator
from typing import Any

from assets.catalog.book import Book
from assets.catalog.checks.measures import check_measure
from assets.catalog.checks.tariffs import check_tariff
from assets.catalog.checks.versions import check_versions
from assets.catalog.models.fee_price import MinimumPrice, RecurringPrice
from assets.catalog.models.offering import Offering, SimpleOffering
from assets.catalog.models.party_tariff import AgreementTariff
from assets.catalog.models.usage_price import Condition, UsagePrice
from assets.catalog.models.usage_specification import (
    CodeCharacteristic,
    PhoneNumberCharacteristic,
    UsageSpecification,
)
from assets.catalog.reading.problems import Path, Placed, Problem, listed, shown


def check_offerings(book: Book) -> Iterator[Problem]:
    """Problems of every offering."""
    for place in book.offerings.values():
        yield from _check_offering(book, place)
        for position, price in enumerate(place.value.prices):
            yield from check_price(book, place, ("prices", position), price)


def _check_offering(book: Book, place: Placed[Offering]) -> Iterator[Problem]:
    offering = place.value
    if book.is_unknown("tax category", offering.tax_category):
        expected = f"one of {listed(book.names('tax category'))}"
        found = f"tax category {shown(offering.tax_category)}"
        yield place.problem(("tax_category",), found, expected, "Add rows for it to taxes.csv.")
    if book.operator is not None:
        entities = {entity.id for entity in book.operator.value.legal_entities}
        if offering.supplier not in entities:
            found, expected = f"legal entity {shown(offering.supplier)}", f"one of {listed(entities)}"
            yield place.problem(("supplier",), found, expected, "Define it in operator.yaml.")
    if offering.effective_until is not None and offering.effective_until <= offering.effective_from:
        found = f"{offering.effective_from} until {offering.effective_until}"
        yield place.problem(("effective_until",), found, "a day after effective_from", "Correct the dates.")
    counts = Counter(price.id for price in offering.prices)
    for position, price in enumerate(offering.prices):
        if counts[price.id] > 1:
            found = f"the price {shown(price.id)} {counts[price.id]} times"
            remedy = "Rename it, or make it a version of the other."
            yield place.problem(("prices", position, "id"), found, "each price id once in an offering", remedy)


def check_price(
    book: Book, place: Placed[Offering] | Placed[AgreementTariff], path: Path, price: Any
) -> Iterator[Problem]:
    """Problems of one price, of an offering or of an agreement's tariff."""
    if book.operator is not None and price.currency not in book.operator.value.currencies:
        expected = f"one of the operator's currencies: {listed(book.operator.value.currencies)}"
        remedy = "Add it to currencies in operator.yaml."
        yield place.problem((*path, "currency"), f"currency {shown(price.currency)}", expected, remedy)
    yield from check_versions(place, (*path, "versions"), price.versions)
    for position, version in enumerate(price.versions):
        yield from check_tariff(book, place, (*path, "versions", position, "tariff"), price, version.tariff)
    if isinstance(price, RecurringPrice | MinimumPrice):
        yield from _check_cycle(place, path, price)
    if isinstance(price, UsagePrice):
        yield from _check_usage_price(book, place, path, price)


def _check_cycle(
    place: Placed[Offering] | Placed[AgreementTariff], path: Path, price: RecurringPrice | MinimumPrice
) -> Iterator[Problem]:
    of_months = price.every in ("month", "quarter", "year")
    if price.every == "bill_period" and (price.count != 1 or price.anchor != "cycle_day"):
        found = f"count {price.count} and anchor {price.anchor} of a fee per bill period"
        remedy = "Write every: day, week, month, quarter or year, or remove them."
        yield place.problem(path, found, "a fee per bill period without count and anchor", remedy)
    if price.cycle_day is not None and not (of_months and price.anchor == "cycle_day"):
        found = f"cycle_day {price.cycle_day} with every: {price.every}, anchor: {price.anchor}"
        remedy = "Remove cycle_day, or write every: month, quarter or year and anchor: cycle_day."
        yield place.problem((*path, "cycle_day"), found, "cycles of months that start on a cycle day", remedy)
    if price.proration is not None and not price.prorated:
        remedy = "Remove proration, or write prorated: true."
        yield place.problem((*path, "proration"), "proration of a fee that is not prorated", "one of them", remedy)


def _check_usage_price(
    book: Book, place: Placed[Offering] | Placed[AgreementTariff], path: Path, price: UsagePrice
) -> Iterator[Problem]:
    if price.allowance is not None and isinstance(place.value, SimpleOffering):
        allowances = {allowance.id for allowance in place.value.allowances}
        if price.allowance not in allowances:
            found, expected = f"allowance {shown(price.allowance)}", f"one of {listed(allowances)}"
            yield place.problem((*path, "allowance"), found, expected, "Define it below allowances of the offering.")
    if book.is_unknown("usage specification", price.usage):
        expected = f"one of {listed(book.names('usage specification'))}"
        found = f"usage specification {shown(price.usage)}"
        yield place.problem((*path, "usage"), found, expected, "Correct it, or add a file below usage/.")
    specification_place = book.usage_specifications.get(price.usage)
    if specification_place is None:
        return
    specification = specification_place.value
    yield from check_measure(place, path, price, specification)
    for name, condition in price.where.items():
        yield from check_condition(book, place, (*path, "where", name), name, condition, specification)


def check_condition(
    book: Book,
    place: Placed[Offering] | Placed[AgreementTariff],
    path: Path,
    name: str,
    condition: Condition,
    specification: UsageSpecification,
) -> Iterator[Problem]:
    """Problems of one condition on a characteristic."""
    characteristic = specification.characteristic(name)
    if not isinstance(characteristic, CodeCharacteristic | PhoneNumberCharacteristic) or not characteristic.priced_by:
        priced = listed(entry.id for entry in specification.priced_characteristics)
        expected = f"one that usage specification {specification.id} prices by: {priced}"
        remedy = "Add priced_by to the characteristic, or use another one."
        yield place.problem(path, f"characteristic {shown(name)}", expected, remedy)
        return
    if condition.zone_list is None:
        if characteristic.priced_by == "zone":
            found, expected = f"values for {name}, which is priced by zone", "a zone_list and its zones"
            yield place.problem(path, found, expected, "Add zone_list.")
        elif isinstance(characteristic, CodeCharacteristic) and characteristic.allowed is not None:
            for position, value in enumerate(condition.values):
                if value not in characteristic.allowed:
                    expected = f"one of {listed(characteristic.allowed)}"
                    remedy = "Correct it, or add it to allowed of the characteristic."
                    yield place.problem((*path, "in", position), f"value {shown(value)}", expected, remedy)
        return
    if characteristic.priced_by == "value":
        found = f"a zone list for {name}, which is priced by value"
        remedy = "Remove zone_list, or write priced_by: zone in the usage specification."
        yield place.problem((*path, "zone_list"), found, "values without a zone list", remedy)
        return
    if book.is_unknown("zone list", condition.zone_list):
        expected = f"one of {listed(book.names('zone list'))}"
        found, remedy = f"zone list {shown(condition.zone_list)}", "Add a file below zones/."
        yield place.problem((*path, "zone_list"), found, expected, remedy)
        return
    zone_list = book.zone_lists.get(condition.zone_list)
    if zone_list is None or "zone list" in book.incomplete:
        return
    for position, zone in enumerate(condition.values):
        if zone not in zone_list.zones:
            expected, remedy = f"one of {listed(zone_list.zones)}", f"Correct it, or add it to {zone_list.file.name}."
            yield place.problem((*path, "in", position), f"zone {shown(zone)}", expected, remedy)
    longest = max((len(prefix) for prefix in zone_list.zone_by_prefix), default=0)
    if isinstance(characteristic, PhoneNumberCharacteristic) and longest > characteristic.leading_digits:
        found = f"zone list {condition.zone_list} with prefixes of {longest} digits"
        expected = f"at most {characteristic.leading_digits}, the leading_digits of {specification.id}.{name}"
        yield place.problem((*path, "zone_list"), found, expected, f"Write leading_digits: {longest} there.")
