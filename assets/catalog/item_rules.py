"""What a sharing item gives, as the columns of ``catalog.agreement_steps`` that the passes over the waterfall read.

Belongs here: one translation of every form of an item.
Belongs elsewhere: who gets it and what it depends on (``chains``), the forms (``models.sharing``), computing it (dbt).
"""

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from assets.catalog.models.sharing import FixedItem, PercentItem, PerUnitItem, TariffItem, TiersItem

# Rules whose amount of a line depends on the other lines of a period.
MEASURED_RULES = ("tiers", "fixed_once")


@dataclass(frozen=True, slots=True)
class ItemRule:
    """The amount rule of one item; amounts in the item's currency, or the line's where it names none."""

    rule: str
    percent: Decimal | None = None
    unit_amount: Decimal | None = None
    fixed_amount: Decimal | None = None
    fixed_per: str | None = None
    tier_mode: str | None = None
    tier_of: str | None = None
    measured_over: str | None = None
    tariff: str | None = None
    currency: str | None = None
    min_amount: Decimal | None = None
    max_amount: Decimal | None = None
    is_cost: bool = False

    @property
    def is_measured(self) -> bool:
        """Whether the amount of a line depends on the other lines of a period."""
        return self.rule in MEASURED_RULES


def rule_of(item: Any) -> ItemRule:
    """The rule of an item of the book; remaining and kept are one."""
    if not hasattr(item, "cost"):
        return ItemRule("remaining")
    limits = {"currency": item.currency, "min_amount": item.min, "max_amount": item.max, "is_cost": item.cost}
    if isinstance(item, PercentItem):
        return ItemRule("percent", percent=item.percent, **limits)
    if isinstance(item, PerUnitItem):
        return ItemRule("per_unit", unit_amount=item.per_unit, **limits)
    if isinstance(item, TariffItem):
        return ItemRule("tariff", tariff=item.tariff, **limits)
    if isinstance(item, FixedItem):
        fixed = item.fixed
        if fixed.per == "line":
            return ItemRule("fixed", fixed_amount=fixed.amount, fixed_per="line", **limits)
        return ItemRule(
            "fixed_once",
            fixed_amount=fixed.amount,
            fixed_per=fixed.per,
            measured_over=fixed.measured_over,
            **limits,
        )
    if isinstance(item, TiersItem):
        tiers = item.tiers
        return ItemRule("tiers", tier_mode=tiers.mode, tier_of=tiers.of, measured_over=tiers.measured_over, **limits)
    raise TypeError(f"unknown item {item!r}")
