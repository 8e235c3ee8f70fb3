"""What an event costs, calculated a second time and in another way: one event after the other, with fractions.

Belongs here: the reference that the dbt models are compared with; it reads the same tariffs, not the compiled segments.
Belongs elsewhere: the calculation itself (``dbt_project``). Python multiplies money in this test only.
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal, localcontext
from fractions import Fraction
from math import ceil, floor
from zoneinfo import ZoneInfo

LAST_DECIMAL = Decimal("1e-16")
UNIT_FACTORS = {"percentage": Fraction(1, 100), "graduated_percentage": Fraction(1, 100), "flat": Fraction(0)}
EACH_TIER = ("graduated", "graduated_percentage")


@dataclass(frozen=True)
class Tier:
    """``up_to`` None for no end; amounts per ``per_quantity``, in blocks where there is a size."""

    up_to: Decimal | None
    unit_amount: Decimal
    flat_amount: Decimal = Decimal(0)
    per_quantity: Decimal = Decimal(1)
    block_size: Decimal | None = None
    block_rounding: str = "up"
    maximum: Decimal | None = None


@dataclass(frozen=True)
class Tariff:
    """A tariff with the settings under which it is read."""

    model: str
    tiers: tuple[Tier, ...]
    bounds: str = "up_to_inclusive"
    unused: str = "nothing"
    below_zero: str = "first_unit"
    beyond_last: str | None = None
    free_quantity: Decimal = Decimal(0)
    minimum: Decimal | None = None
    maximum: Decimal | None = None
    increment: tuple[str, int] | None = None


@dataclass(frozen=True)
class EventRules:
    """What happens to one event besides its tariff."""

    round_up_to: tuple[Decimal, Decimal] | None = None
    event_amount: Decimal = Decimal(0)
    minimum: Decimal | None = None
    maximum: Decimal | None = None
    zero_events: str = "free"
    rounding: tuple[str, int] | None = None


@dataclass(frozen=True)
class Allowance:
    number: int
    limit_units: int


@dataclass(frozen=True)
class PricedEvent:
    """One event with what the book says about it. ``counter_of``: price version and override."""

    event_key: str
    event_at: str
    product_id: str
    is_late: bool
    quantity_units: int
    scale: int
    tariff: Tariff
    counter_of: tuple[int, int | None]
    allowance: Allowance | None
    rules: EventRules = field(default_factory=EventRules)
    counter: str = "period"


def round_to(amount: Fraction, method: str, decimals: int) -> Fraction:
    """An amount to some decimals by a named method; methods look at the distance from zero."""
    scaled = abs(amount) * 10**decimals
    whole, rest = scaled.__floor__(), scaled - scaled.__floor__()
    if method == "up":
        whole += rest > 0
    elif method == "half_up":
        whole += rest >= Fraction(1, 2)
    elif method == "half_even":
        whole += rest > Fraction(1, 2) or (rest == Fraction(1, 2) and whole % 2 == 1)
    return Fraction(whole if amount >= 0 else -whole, 10**decimals)


def decimal_of(amount: Fraction) -> Decimal:
    """A fraction that ends within 16 decimals."""
    with localcontext() as context:
        context.prec = 60
        return Decimal(int(amount * 10**16)) * LAST_DECIMAL


def blocks_of(tier: Tier, quantity: Fraction) -> Fraction:
    """How many times the step of a tier is charged for a quantity above zero."""
    if tier.block_size is None:
        return quantity
    blocks = quantity / Fraction(tier.block_size)
    rounding = {"up": ceil, "down": floor, "nearest": lambda value: floor(value + Fraction(1, 2))}
    return Fraction(rounding[tier.block_rounding](blocks))


def step_of(tariff: Tariff, tier: Tier) -> Fraction:
    """The price of one block, or of one unit where there are no blocks."""
    size = Fraction(tier.block_size) if tier.block_size is not None else Fraction(1)
    factor = UNIT_FACTORS.get(tariff.model, Fraction(1))
    step = Fraction(tier.unit_amount) * factor * size / Fraction(tier.per_quantity)
    return step if tariff.increment is None else round_to(step, *tariff.increment)


def tier_cost(tariff: Tariff, tier: Tier, quantity: Fraction) -> Fraction:
    cost = Fraction(tier.flat_amount) + round_to(blocks_of(tier, quantity) * step_of(tariff, tier), "half_up", 16)
    return cost if tier.maximum is None else min(cost, Fraction(tier.maximum))


def is_within(tariff: Tariff, tier: Tier, quantity: Fraction) -> bool:
    if tier.up_to is None:
        return True
    return quantity < Fraction(tier.up_to) if tariff.bounds == "from_inclusive" else quantity <= Fraction(tier.up_to)


def cost_above_zero(tariff: Tariff, quantity: Fraction) -> Fraction:
    """What a quantity above zero and beyond what is free costs, before the tariff's own limits."""
    if tariff.model not in EACH_TIER:
        for tier in tariff.tiers:
            if is_within(tariff, tier, quantity):
                return tier_cost(tariff, tier, quantity)
        last = tariff.tiers[-1]
        return tier_cost(tariff, last, quantity if tariff.beyond_last == "last" else Fraction(last.up_to or 0))
    cost, lower = Fraction(0), Fraction(0)
    for position, tier in enumerate(tariff.tiers, start=1):
        is_last = position == len(tariff.tiers)
        if is_within(tariff, tier, quantity) or (is_last and tariff.beyond_last == "last"):
            return cost + tier_cost(tariff, tier, quantity - lower)
        cost += tier_cost(tariff, tier, Fraction(tier.up_to or 0) - lower)
        lower = Fraction(tier.up_to or 0)
    return cost


def total_cost(tariff: Tariff, quantity: Fraction) -> Fraction:
    """T of a cumulative quantity."""
    first = tariff.tiers[0]
    unused = Fraction(first.flat_amount) if tariff.unused == "first_flat" else Fraction(0)
    if quantity < 0 and tariff.below_zero == "mirrored":
        return -total_cost(tariff, -quantity)
    if quantity <= 0:
        if tariff.below_zero != "first_unit" or quantity == 0:
            return unused
        blocks = -quantity if first.block_size is None else Fraction(floor(-quantity / Fraction(first.block_size)))
        return unused - round_to(blocks * step_of(tariff, first), "half_up", 16)
    if quantity <= Fraction(tariff.free_quantity):
        return unused
    cost = cost_above_zero(tariff, quantity - Fraction(tariff.free_quantity))
    if tariff.minimum is not None:
        cost = max(cost, Fraction(tariff.minimum))
    return cost if tariff.maximum is None else min(cost, Fraction(tariff.maximum))


def span_of(event: PricedEvent) -> str:
    """The local hour or day in which an event counts, for counters of those."""
    at = datetime.fromisoformat(event.event_at)
    if event.counter == "hour":
        return at.strftime("%Y-%m-%d %H")
    return str(at.astimezone(ZoneInfo("Europe/Warsaw")).date()) if event.counter == "day" else ""


def charged_units(event: PricedEvent) -> int:
    """The quantity of an event in whole increments."""
    if event.rules.round_up_to is None or event.quantity_units == 0:
        return event.quantity_units
    first, following = (int(size * 10**event.scale) for size in event.rules.round_up_to)
    size = abs(event.quantity_units)
    units = first if size <= first else first + ceil(Fraction(size - first, following)) * following
    return units if event.quantity_units > 0 else -units


def event_cost(event: PricedEvent, cost: Fraction, units: int, billed: int, before: int, after: int) -> Fraction:
    """The cost of one event under its rules; ``cost`` is what the tariff says."""
    rules = event.rules
    furthest = max(abs(before), abs(after))
    is_free = billed == 0 or Fraction(furthest, 10**event.scale) <= Fraction(event.tariff.free_quantity)
    if (rules.zero_events == "charged") if units == 0 else not is_free:
        sign = -1 if billed < 0 else 1
        cost = sign * cost + Fraction(rules.event_amount)
        if rules.minimum is not None:
            cost = max(cost, Fraction(rules.minimum))
        if rules.maximum is not None:
            cost = min(cost, Fraction(rules.maximum))
        cost *= sign
    return cost if rules.rounding is None else round_to(cost, *rules.rounding)


def costs_of(events: Iterable[PricedEvent]) -> dict[str, tuple[int, int, Decimal]]:
    """Charged units, allowance units and cost of every event, by event key, in order of time and key."""
    buckets: dict[tuple[str, int, bool], int] = defaultdict(int)
    counters: dict[tuple[str, tuple[int, int | None], bool, str], int] = defaultdict(int)
    costs: dict[str, tuple[int, int, Decimal]] = {}
    for event in sorted(events, key=lambda event: (event.event_at, event.event_key)):
        units, covered = charged_units(event), 0
        if event.allowance is not None:
            bucket = (event.product_id, event.allowance.number, event.is_late)
            before, after = buckets[bucket], buckets[bucket] + units
            covered = min(after, event.allowance.limit_units) - min(before, event.allowance.limit_units)
            buckets[bucket] = after
        counter = (event.product_id, event.counter_of, event.is_late, span_of(event))
        before = 0 if event.counter == "event" else counters[counter]
        after = before + units - covered
        counters[counter] = after
        cost = total_cost(event.tariff, Fraction(after, 10**event.scale)) - total_cost(
            event.tariff, Fraction(before, 10**event.scale)
        )
        costs[event.event_key] = (
            units,
            covered,
            decimal_of(event_cost(event, cost, units, units - covered, before, after)),
        )
    return costs
