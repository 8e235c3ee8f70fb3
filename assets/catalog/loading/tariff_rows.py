"""A tariff as the rows that rating reads: tiers with bounds and amounts.

Belongs here: the one translation of the book's tariffs, for catalog prices and for personal overrides of the inbox.
Belongs elsewhere: the tariffs' shape (``models.tariff``), what a quantity costs (dbt).
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from assets.catalog.models.tariff import (
    DynamicTariff,
    FlatTariff,
    GraduatedPercentageTariff,
    PackageTariff,
    PercentageTariff,
    PerUnitTariff,
)

_ZERO = Decimal(0)


@dataclass(frozen=True, slots=True)
class TierRow:
    """Columns of ``catalog.price_tiers`` and ``inbox.price_override_tiers`` after the key."""

    tier_number: int
    from_quantity: Decimal
    until_quantity: Decimal | None
    unit_amount: Decimal
    flat_amount: Decimal
    block_size: Decimal | None = None
    per_quantity: Decimal = Decimal(1)
    block_rounding: str = "up"
    maximum_amount: Decimal | None = None


def tier_rows(tariff: Any) -> list[TierRow]:
    """Tiers of a tariff in order; each starts where the one before ends."""
    match tariff:
        case FlatTariff():
            return [TierRow(1, _ZERO, None, _ZERO, tariff.amount)]
        case PerUnitTariff():
            block = (tariff.block_size, tariff.per_quantity, tariff.block_rounding)
            return [TierRow(1, _ZERO, None, tariff.unit_amount, _ZERO, *block)]
        case PackageTariff():
            block = (tariff.package_size, tariff.package_size, tariff.rounding)
            return [TierRow(1, _ZERO, None, tariff.package_amount, _ZERO, *block)]
        case PercentageTariff():
            return [TierRow(1, _ZERO, None, tariff.rate_percent, _ZERO)]
        case DynamicTariff():
            return [TierRow(1, _ZERO, None, tariff.multiplier, _ZERO)]
    return list(_tiers(tariff))


def upper_bounds(tiers: Sequence[Any]) -> list[Decimal | None]:
    """Where each tier ends on the cumulative quantity, None for one without end.

    A tier says its end (``up_to``), or how much it takes of what is left: ``from`` and ``up_to``, or blocks.
    """
    found: list[Decimal | None] = []
    lower = _ZERO
    for tier in tiers:
        upper = tier.up_to
        start, blocks = getattr(tier, "from_quantity", None), getattr(tier, "blocks", None)
        if blocks is not None:
            upper = lower + blocks * (tier.block_size or _ZERO)
        elif upper is not None and start is not None:
            upper = lower + upper - start
        found.append(upper)
        lower = upper if upper is not None else lower
    return found


def _tiers(tariff: Any) -> Iterator[TierRow]:
    lower = _ZERO
    for number, (tier, upper) in enumerate(zip(tariff.tiers, upper_bounds(tariff.tiers), strict=True), start=1):
        if isinstance(tariff, GraduatedPercentageTariff):
            yield TierRow(number, lower, upper, tier.rate_percent, tier.flat_amount, maximum_amount=tier.maximum)
        else:
            block = (tier.block_size, tier.per_quantity or tariff.per_quantity, tier.block_rounding)
            yield TierRow(number, lower, upper, tier.unit_amount, tier.flat_amount, *block, tier.maximum)
        lower = upper if upper is not None else lower
