"""Checks of bundles: their components, and what the way of splitting their price needs.

Belongs here: references to components, weights, standalone prices, the residual component.
Belongs elsewhere: the bundle's own prices (``offerings``).
"""

from collections.abc import Iterator

from assets.catalog.book import Book
from assets.catalog.models.bundle import BundleComponent
from assets.catalog.models.fee_price import RecurringPrice
from assets.catalog.models.offering import BundleOffering, SimpleOffering
from assets.catalog.models.usage_price import UsagePrice
from assets.catalog.reading.problems import Path, Placed, Problem, listed, shown


def check_bundles(book: Book) -> Iterator[Problem]:
    """Problems of every bundle."""
    for place in book.bundles:
        yield from _check_components(book, place)
        yield from _check_residual(place)
        if place.value.allocation in ("standalone_price", "residual"):
            yield from _check_standalone_prices(book, place)
        if place.value.allocation == "usage":
            yield from _check_usage(book, place)


def _check_components(book: Book, place: Placed[BundleOffering]) -> Iterator[Problem]:
    seen: set[str] = set()
    for position, component in enumerate(place.value.components):
        path: Path = ("components", position, "offering")
        found = f"offering {shown(component.offering)}"
        simple = listed(entry.value.id for entry in book.simple_offerings)
        if book.is_unknown("offering", component.offering):
            yield place.problem(path, found, f"one of {simple}", "Correct it, or define the offering.")
        elif isinstance(getattr(book.offerings.get(component.offering), "value", None), BundleOffering):
            yield place.problem(path, f"{found}, a bundle", f"one of {simple}", "List its components here instead.")
        if component.offering in seen:
            yield place.problem(path, f"{found} a second time", "each component once", "Add the weights together.")
        seen.add(component.offering)
    if all(component.weight == 0 for component in place.value.components):
        remedy = "Give at least one component a weight."
        yield place.problem(("components",), "weights that are all 0", "a weight above 0", remedy)


def _check_residual(place: Placed[BundleOffering]) -> Iterator[Problem]:
    takers = [position for position, part in enumerate(place.value.components) if part.takes_residual]
    if place.value.allocation == "residual":
        if len(takers) != 1:
            found = f"{len(takers)} components that take the residual"
            remedy = "Write takes_residual: true at one of them."
            yield place.problem(("components",), found, "one component that takes the residual", remedy)
    else:
        for position in takers:
            expected = "allocation: residual with takes_residual"
            found = f"takes_residual with allocation: {place.value.allocation}"
            remedy = "Remove takes_residual, or choose residual."
            yield place.problem(("components", position, "takes_residual"), found, expected, remedy)


def _check_standalone_prices(book: Book, place: Placed[BundleOffering]) -> Iterator[Problem]:
    currencies = sorted({price.currency for price in place.value.prices if isinstance(price, RecurringPrice)})
    for position, component in enumerate(place.value.components):
        path: Path = ("components", position, "standalone_amount")
        if component.takes_residual:
            if component.standalone_amount is not None:
                found, expected = "standalone_amount of the residual component", "none: it gets what is left"
                yield place.problem(path, found, expected, "Remove it.")
        elif component.standalone_amount is not None:
            if len(currencies) > 1:
                found = f"standalone_amount beside fees in {listed(currencies)}"
                remedy = "Give all recurring fees of the bundle one currency."
                yield place.problem(path, found, "recurring fees in one currency", remedy)
        else:
            yield from _check_own_price(book, place, position, component, currencies)


def _check_own_price(
    book: Book, place: Placed[BundleOffering], position: int, component: BundleComponent, currencies: list[str]
) -> Iterator[Problem]:
    offering = getattr(book.offerings.get(component.offering), "value", None)
    if not isinstance(offering, SimpleOffering):
        return
    own = {price.currency for price in offering.prices if isinstance(price, RecurringPrice)}
    for currency in currencies:
        if currency not in own:
            found = f"component {shown(component.offering)} without a recurring price in {currency}"
            remedy = "Add standalone_amount: what it costs by itself."
            yield place.problem(("components", position), found, "a standalone price of each component", remedy)


def _check_usage(book: Book, place: Placed[BundleOffering]) -> Iterator[Problem]:
    measured: list[str] = []
    for position, component in enumerate(place.value.components):
        offering = getattr(book.offerings.get(component.offering), "value", None)
        prices = offering.prices if isinstance(offering, SimpleOffering) else []
        units = sorted({_unit(book, price) for price in prices if isinstance(price, UsagePrice)} - {""})
        measured += units
        if len(units) > 1:
            found = f"component {shown(component.offering)} whose usage is measured in {listed(units)}"
            remedy = "Choose another allocation; quantities of different units cannot be added."
            yield place.problem(("components", position), found, "usage in one unit per component", remedy)
    if not measured and not book.incomplete:
        found, expected = "components without usage prices", "usage that decides the parts"
        yield place.problem(("allocation",), found, expected, "Choose another allocation.")


def _unit(book: Book, price: UsagePrice) -> str:
    specification = book.usage_specifications.get(price.usage)
    if specification is None:
        return ""
    quantity = specification.value.characteristic(price.measure.characteristic or "")
    return getattr(quantity, "unit", "events")
