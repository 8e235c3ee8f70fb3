"""A tariff as the rows that rating reads: tiers with bounds and amounts.

Belongs here: the one translation of the book's tariffs, for catalog prices and for personal overrides of the inbox.
Belongs elsewhere: the tariffs' shape (``models.tariff``), what a quantity costs (dbt).
"""

from collections.abc import Iterator
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


def _tiers(tariff: Any) -> Iterator[TierRow]:
    lower = _ZERO
    for position, tier in enumerate(tariff.tiers):
        if isinstance(tariff, GraduatedPercentageTariff):
            yield TierRow(
                position + 1, lower, tier.up_to, tier.rate_percent, tier.flat_amount, maximum_amount=tier.maximum
            )
        else:
            block = (tier.block_size, tier.per_quantity or tariff.per_quantity, tier.block_rounding)
            yield TierRow(position + 1, lower, tier.up_to, tier.unit_amount, tier.flat_amount, *block, tier.maximum)
        lower = tier.up_to if tier.up_to is not None else lower
