"""A tariff as the rows that rating reads: tiers with bounds and amounts.

Belongs here: the one translation of the book's tariffs, for catalog prices and for personal overrides of the inbox.
Belongs elsewhere: the tariffs' shape (``models.tariff``), what a quantity costs (dbt).
"""

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from assets.catalog.models.tariff import FlatTariff, PackageTariff, PerUnitTariff

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
    """Tiers of a tariff in order; bounds exclusive below and inclusive above."""
    if isinstance(tariff, FlatTariff):
        return [TierRow(1, _ZERO, None, _ZERO, tariff.amount)]
    if isinstance(tariff, PerUnitTariff):
        return [TierRow(1, _ZERO, None, tariff.unit_amount, _ZERO, None, tariff.per_quantity)]
    if isinstance(tariff, PackageTariff):
        return [TierRow(1, _ZERO, None, tariff.package_amount, _ZERO, tariff.package_size, tariff.package_size)]
    rows: list[TierRow] = []
    lower = _ZERO
    for position, tier in enumerate(tariff.tiers):
        rows.append(
            TierRow(position + 1, lower, tier.up_to, tier.unit_amount, tier.flat_amount, None, tariff.per_quantity)
        )
        lower = tier.up_to if tier.up_to is not None else lower
    return rows
