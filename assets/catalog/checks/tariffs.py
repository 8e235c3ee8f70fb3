"""Checks of tariffs: bounds of tiers, limits, decimals that the measured quantity cannot show.

Belongs here: what one tariff says in two places, and against the settings in force for its price.
Belongs elsewhere: the shape of a tariff (``models.tariff``), what a price refers to (``offerings``).
"""

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

from assets.catalog.book import Book
from assets.catalog.loading.tariff_rows import upper_bounds
from assets.catalog.models.pricing import Pricing, resolved
from assets.catalog.models.usage_price import UsagePrice
from assets.catalog.models.usage_specification import QuantityCharacteristic
from assets.catalog.reading.problems import Path, Placed, Problem

_QUANTITIES = ("up_to", "block_size", "package_size")


def check_tariff(book: Book, place: Placed[Any], path: Path, price: Any, tariff: Any) -> Iterator[Problem]:
    """Problems of the tariff of one price version."""
    pricing = pricing_of(book, place.value, price)
    yield from _check_limits(place, path, tariff)
    tiers = getattr(tariff, "tiers", [])
    if tiers:
        yield from _check_bounds(place, (*path, "tiers"), tiers, pricing)
    if isinstance(price, UsagePrice):
        yield from _check_decimals(place, path, tariff, _scale(book, price))
        for position, tier in enumerate(tiers):
            yield from _check_decimals(place, (*path, "tiers", position), tier, _scale(book, price))
        if any(rounding.at == "increment" for rounding in pricing.rounding):
            yield from _check_increments(place, path, tariff)


def pricing_of(book: Book, offering: Any, price: Any) -> Pricing:
    """The settings in force for a price: its own, its offering's, the operator's."""
    operator = book.operator.value.pricing if book.operator is not None else None
    return resolved(getattr(price, "pricing", None), offering.pricing, operator)


def _check_bounds(place: Placed[Any], path: Path, tiers: list[Any], pricing: Pricing) -> Iterator[Problem]:
    last = len(tiers) - 1
    before = Decimal(0)
    for position, (tier, upper) in enumerate(zip(tiers, upper_bounds(tiers), strict=True)):
        where = (*path, position, "up_to")
        yield from _check_width(place, (*path, position), tier)
        if position == last:
            if upper is not None and pricing.beyond_last is None:
                remedy = "Remove the last tier's bound, add a tier after it, or set pricing.beyond_last."
                yield place.problem(where, f"the bound {upper} in the last tier", "a last tier without bound", remedy)
        elif upper is None:
            yield place.problem(
                where, "no up_to", "up_to in every tier but the last", "Add up_to or remove the tiers after it."
            )
        if upper is not None:
            if upper <= before:
                remedy = "Put the tiers in order."
                yield place.problem(where, f"{upper} after {before}", "bounds that increase", remedy)
            before = upper


def _check_width(place: Placed[Any], path: Path, tier: Any) -> Iterator[Problem]:
    """Blocks stand instead of a bound and need their size."""
    if getattr(tier, "blocks", None) is None:
        return
    if tier.block_size is None:
        yield place.problem((*path, "blocks"), "blocks without block_size", "the size of a block", "Add block_size.")
    if tier.up_to is not None:
        yield place.problem((*path, "up_to"), "up_to beside blocks", "one of the two", "Remove one.")


def _check_limits(place: Placed[Any], path: Path, tariff: Any) -> Iterator[Problem]:
    least, most = getattr(tariff, "minimum", None), getattr(tariff, "maximum", None)
    if least is not None and most is not None and least > most:
        yield place.problem((*path, "minimum"), f"{least}", f"at most the maximum, {most}", "Correct one of the two.")


def _check_increments(place: Placed[Any], path: Path, tariff: Any) -> Iterator[Problem]:
    parts = getattr(tariff, "tiers", None) or [tariff]
    if not all(getattr(part, "block_size", None) or getattr(part, "package_size", None) for part in parts):
        found = "a rounding at the increment, and a tariff without blocks"
        remedy = "Add block_size, or round at the event."
        yield place.problem(path, found, "block_size: the increment whose price is rounded", remedy)


def _scale(book: Book, price: UsagePrice) -> int:
    specification = book.usage_specifications.get(price.usage)
    if specification is None or price.measure.characteristic is None:
        return 6
    quantity = specification.value.characteristic(price.measure.characteristic)
    return quantity.scale if isinstance(quantity, QuantityCharacteristic) else 6


def _check_decimals(place: Placed[Any], path: Path, part: Any, scale: int) -> Iterator[Problem]:
    for name in _QUANTITIES:
        value: Decimal | None = getattr(part, name, None)
        if value is not None and value != round(value, scale):
            found, expected = f"{name} {value}", f"at most {scale} decimals, the scale of the measured quantity"
            yield place.problem((*path, name), found, expected, "Use fewer decimals, or raise the scale.")
