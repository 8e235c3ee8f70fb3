"""What an event costs, calculated a second time and in another way: one event after the other, with fractions.

Belongs here: the reference that the dbt models are compared with; it reads the same tariffs, not the compiled segments.
Belongs elsewhere: the calculation itself (``dbt_project``). Python multiplies money in this test only.
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal, localcontext
from fractions import Fraction
from math import ceil

LAST_DECIMAL = Decimal("1e-16")


@dataclass(frozen=True)
class Tier:
    """``up_to`` inclusive, None for the last; amounts per ``per_quantity`` or per package."""

    up_to: Decimal | None
    unit_amount: Decimal
    flat_amount: Decimal = Decimal(0)


@dataclass(frozen=True)
class Tariff:
    model: str
    tiers: tuple[Tier, ...]
    per_quantity: Decimal = Decimal(1)
    package_size: Decimal | None = None


@dataclass(frozen=True)
class Allowance:
    number: int
    limit_units: int


@dataclass(frozen=True)
class PricedEvent:
    """One event with what the book says about it. ``counter`` identifies price version and override."""

    event_key: str
    event_at: str
    product_id: str
    is_late: bool
    quantity_units: int
    scale: int
    tariff: Tariff
    counter: tuple[int, int | None]
    allowance: Allowance | None


def rounded(amount: Fraction) -> Decimal:
    """Half away from zero at the 16th decimal."""
    with localcontext() as context:
        context.prec = 60
        scaled = amount * 10**16
        whole = (abs(scaled) + Fraction(1, 2)).__floor__()
        return (Decimal(whole) if scaled >= 0 else -Decimal(whole)) * LAST_DECIMAL


def total_cost(tariff: Tariff, units: int, scale: int) -> Decimal:
    """T of a cumulative quantity."""
    quantity = Fraction(units, 10**scale)
    per_quantity = Fraction(tariff.per_quantity)
    first = tariff.tiers[0]
    if tariff.model == "flat":
        return first.flat_amount if quantity > 0 else Decimal(0)
    if tariff.package_size is not None:
        packages = ceil(quantity / Fraction(tariff.package_size))
        return rounded(packages * Fraction(first.unit_amount))
    if quantity <= 0:
        return rounded(quantity * Fraction(first.unit_amount) / per_quantity)
    if tariff.model in ("per_unit", "volume"):
        tier = next(tier for tier in tariff.tiers if tier.up_to is None or quantity <= Fraction(tier.up_to))
        return tier.flat_amount + rounded(quantity * Fraction(tier.unit_amount) / per_quantity)
    cost, lower = Decimal(0), Fraction(0)
    for tier in tariff.tiers:
        upper = quantity if tier.up_to is None else min(quantity, Fraction(tier.up_to))
        cost += tier.flat_amount + rounded((upper - lower) * Fraction(tier.unit_amount) / per_quantity)
        lower = upper
        if upper == quantity:
            break
    return cost


def costs_of(events: Iterable[PricedEvent]) -> dict[str, tuple[int, Decimal]]:
    """Allowance units and cost of every event, by event key, in order of time and key."""
    buckets: dict[tuple[str, int, bool], int] = defaultdict(int)
    counters: dict[tuple[str, tuple[int, int | None], bool], int] = defaultdict(int)
    costs: dict[str, tuple[int, Decimal]] = {}
    for event in sorted(events, key=lambda event: (event.event_at, event.event_key)):
        covered = 0
        if event.allowance is not None:
            bucket = (event.product_id, event.allowance.number, event.is_late)
            before, after = buckets[bucket], buckets[bucket] + event.quantity_units
            covered = min(after, event.allowance.limit_units) - min(before, event.allowance.limit_units)
            buckets[bucket] = after
        counter = (event.product_id, event.counter, event.is_late)
        before = counters[counter]
        after = before + event.quantity_units - covered
        counters[counter] = after
        with localcontext() as context:
            context.prec = 60
            cost = total_cost(event.tariff, after, event.scale) - total_cost(event.tariff, before, event.scale)
        costs[event.event_key] = (covered, cost.quantize(LAST_DECIMAL, rounding=ROUND_HALF_UP))
    return costs
