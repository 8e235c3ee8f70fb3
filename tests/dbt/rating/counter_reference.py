"""What events of counters cost that do not simply add up, calculated a second time, one event after the other.

Belongs here: maxima, latest values, distinct values, levels over time, free first events, new highs, parts for a part
of time, what a counter had reached before. It follows the words of the book's reference: no SQL, no code of ``assets``.
Belongs elsewhere: T of a quantity (``tariff_reference``), inventing prices and usage (``random_counters``).
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from decimal import Decimal
from fractions import Fraction
from zoneinfo import ZoneInfo

from tests.dbt.rating.tariff_reference import (
    EventRules,
    PricedEvent,
    Tariff,
    charged_units,
    event_cost,
    is_within,
    round_to,
    total_cost,
)

UNIT = 10**6


@dataclass(frozen=True)
class CounterPrice:
    """A usage price; ``removes`` says whether events may take a value out of a count of distinct values."""

    tariff: Tariff
    measure: str = "sum"
    counter: str = "period"
    billed: str = "delta"
    recurring: bool = False
    prorated: str | None = None
    removal_day_charged: bool = True
    free_events: int | None = None
    removes: bool = False
    # What happens to one event besides its tariff, and tariffs that are in force from an instant on: of a later version
    # of the price, or the customer's own.
    rules: EventRules = field(default_factory=EventRules)
    changes: tuple[tuple[datetime, Tariff], ...] = ()

    def tariff_at(self, at: datetime) -> int:
        """Which of the tariffs is in force: its place, the first is 0."""
        return sum(at >= since for since, _ in self.changes)


@dataclass(frozen=True)
class Opening:
    """What a counter had reached before the period, and what earlier bills charged for it."""

    units: int = 0
    billed: Decimal = Decimal(0)
    held: tuple[str, ...] = ()


@dataclass(frozen=True)
class CountedEvent:
    at: datetime
    units: int
    prorated_units: int = 0
    item: str = ""
    is_removal: bool = False


@dataclass(frozen=True)
class Window:
    """The account's bill period: local days, half-open. Periods of before are months."""

    first: date
    end: date
    time_zone: str

    def midnight(self, day: date) -> datetime:
        return datetime(day.year, day.month, day.day, tzinfo=ZoneInfo(self.time_zone))

    def local(self, at: datetime) -> datetime:
        return at.astimezone(ZoneInfo(self.time_zone))

    def period_of(self, day: date) -> date:
        """The first day of the period, this one or an earlier one, that a day lies in."""
        first = self.first
        while day < first:
            first = date(first.year - (first.month == 1), (first.month - 2) % 12 + 1, first.day)
        return first


@dataclass
class Rated:
    """The cost of each event by its instant, and what the line holds besides its events."""

    events: dict[datetime, Fraction] = field(default_factory=dict)
    besides: Fraction = Fraction(0)


def rate(
    price: CounterPrice,
    events: Iterable[CountedEvent],
    opening: Opening,
    window: Window,
    over: Mapping[date, Opening] | None = None,
) -> Rated:
    """All events of one product under one price; ``over`` is where counters that are over stood, by their first day."""
    rated = Rated()
    counters: dict[tuple[bool, str, int], list[CountedEvent]] = defaultdict(list)
    start = window.midnight(window.first)
    for event in sorted(events, key=lambda event: event.at):
        counters[counts_apart(price, event, window), _span(price, event, window), price.tariff_at(event.at)].append(
            _rounded(price, event)
        )
    tariffs = [price.tariff, *(tariff for _, tariff in price.changes)]
    as_said = price
    for (is_apart, _, place), counted in counters.items():
        price = replace(as_said, tariff=tariffs[place])
        begun = opening
        if is_apart:
            begun = (over or {}).get(counter_start(price, counted[0].at, window), Opening())
        costs = (
            _distinct_values_prorated(price, counted, begun, window)
            if price.measure == "unique_count" and price.prorated
            else _by_position(price, counted, begun, window)
        )
        rated.events |= {event.at: cost for event, cost in zip(counted, costs, strict=True)}
    charged = sum((cost for at, cost in rated.events.items() if at >= start), Fraction(0))
    held = total_cost(price.tariff, Fraction(opening.units, UNIT)) if opening != Opening() else Fraction(0)
    if price.billed == "cumulative" and opening != Opening():
        rated.besides = round_to(held + charged, "half_up", 2) - Fraction(opening.billed) - charged
    elif price.recurring and opening != Opening():
        rated.besides = held
    return rated


def counts_apart(price: CounterPrice, event: CountedEvent, window: Window) -> bool:
    """Usage of before the period has a counter of its own, from nothing on, unless its counter is still open."""
    day, first = window.local(event.at).date(), window.first
    if day >= first:
        return False
    if price.counter not in ("month", "quarter", "year") or price.recurring or price.billed == "cumulative":
        return True
    month = {"month": first.month, "quarter": (first.month - 1) // 3 * 3 + 1, "year": 1}[price.counter]
    # A period counts where it starts: usage of before the counter's first period is of the one before.
    return day < date(first.year, month, first.day)


def counter_start(price: CounterPrice, at: datetime, window: Window) -> date:
    """The first day of the period that usage counts in, or of the month, quarter or year in which that starts."""
    first = window.period_of(window.local(at).date())
    month = {"month": first.month, "quarter": (first.month - 1) // 3 * 3 + 1, "year": 1}.get(price.counter)
    return first if month is None else date(first.year, month, 1)


def is_one_price(price: CounterPrice, tariff: Tariff) -> bool:
    """Whether every unit costs the same wherever the counter stands: then all late usage is one counter's."""
    (tier, *others) = tariff.tiers
    return (
        price.measure in ("sum", "count")
        and price.billed != "highest_so_far"
        and price.prorated is None
        and price.free_events is None
        and not others
        and tariff.model in ("per_unit", "percentage", "dynamic")
        and tier.up_to is None
        and tier.block_size is None
        and tier.maximum is None
        and not tier.flat_amount
        and not tariff.free_quantity
        and tariff.minimum is None
        and tariff.maximum is None
        and tariff.increment is None
        and (tariff.below_zero != "nothing" or not tier.unit_amount)
    )


def _span(price: CounterPrice, event: CountedEvent, window: Window) -> str:
    local = window.local(event.at)
    tariff = [price.tariff, *(tariff for _, tariff in price.changes)][price.tariff_at(event.at)]
    if price.counter in ("period", "month", "quarter", "year") and counts_apart(price, event, window):
        return "" if price.recurring or is_one_price(price, tariff) else str(counter_start(price, event.at, window))
    return {"hour": local.isoformat()[:13] + str(local.utcoffset()), "day": str(local.date())}.get(price.counter, "")


def _rounded(price: CounterPrice, event: CountedEvent) -> CountedEvent:
    """The event with its quantity in whole increments."""
    if price.rules.round_up_to is None:
        return event
    return replace(event, units=charged_units(_priced(price, event, event.units)))


def _priced(price: CounterPrice, event: CountedEvent, units: int) -> PricedEvent:
    return PricedEvent("", "", "", False, units, 6, price.tariff, (0, None), None, price.rules)


def _by_position(
    price: CounterPrice, events: list[CountedEvent], opening: Opening, window: Window
) -> Iterable[Fraction]:
    """An event costs T of where it leaves the counter, less T of where it found it."""
    before = opening.units
    highest = max(opening.units, 0)
    for event, level in zip(events, _billed_levels(price, events, opening, window), strict=True):
        before = 0 if price.counter == "event" else before
        reached = max(highest, level)
        after = reached if price.billed == "highest_so_far" else level
        if price.prorated is None:
            # An event of `max` or `latest` is as large as what it moves; one that lowers the counter mirrors.
            units = (
                after - before
                if price.measure in ("max", "latest")
                else UNIT
                if price.measure == "count"
                else event.units
            )
            move = _cost(price, after) - _cost(price, before)
            is_plain = price.rules == EventRules(round_up_to=price.rules.round_up_to)
            yield move if is_plain else event_cost(_priced(price, event, units), move, units, units, before, after)
        else:
            # Amounts charged once are charged in full when their tier is first reached; only the rest is a part.
            variable = _variable(price, after) - _variable(price, before)
            part = round_to(variable * _part(price, event, window), "half_up", 16)
            yield _flat(price, reached) - _flat(price, highest) + part
        before, highest = after, reached


def _billed_levels(price: CounterPrice, events: list[CountedEvent], opening: Opening, window: Window) -> Iterable[int]:
    """Where each event leaves the counter, without what the first events have free."""
    free = 0
    for number, level in enumerate(_levels(price, events, opening, window), start=1):
        if price.free_events is not None and number <= price.free_events:
            limit = int(price.tariff.free_quantity * UNIT)
            free = max(free, min(level, limit) if limit else level, 0)
        yield level - free


def _levels(price: CounterPrice, events: list[CountedEvent], opening: Opening, window: Window) -> Iterable[int]:
    level, held, weighted = opening.units, set(opening.held), Fraction(0)
    end, start = window.midnight(window.end).timestamp(), window.midnight(window.first).timestamp()
    for event in events:
        if price.measure == "sum":
            level += event.units
        elif price.measure == "count":
            level += UNIT
        elif price.measure == "max":
            level = max(level, event.units, 0)
        elif price.measure == "latest":
            level = event.units
        elif price.measure == "unique_count":
            change = len(held)
            (held.discard if event.is_removal else held.add)(event.item)
            level += (len(held) - change) * UNIT
        else:  # weighted_sum
            left = min(Fraction(end) - Fraction(event.at.timestamp()), Fraction(end) - Fraction(start))
            weighted += event.units * left / (Fraction(end) - Fraction(start))
            level = opening.units + int(round_to(weighted, "half_up", 0))
        yield level


def _distinct_values_prorated(
    price: CounterPrice, events: list[CountedEvent], opening: Opening, window: Window
) -> Iterable[Fraction]:
    """A value is charged where it comes, for the days until it goes; going gives back one held from before."""
    places = {value: place for place, value in enumerate(sorted(opening.held), start=1)}
    held, from_before = set(opening.held), set(opening.held)
    highest = max(opening.units, 0)
    days = (window.end - window.first).days
    for position, event in enumerate(events):
        day = window.local(event.at).date()
        cost = Fraction(0)
        if event.is_removal and event.item in held:
            held.discard(event.item)
            if event.item in from_before:
                from_before.discard(event.item)
                place = places[event.item]
                step = _variable(price, place * UNIT) - _variable(price, (place - 1) * UNIT)
                left = (window.end - day).days - price.removal_day_charged
                cost = round_to(-step * Fraction(min(max(left, 0), days), days), "half_up", 16)
        elif not event.is_removal and event.item not in held:
            held.add(event.item)
            # Where the count is: a value that went has made room.
            place = len(held)
            goes = next(
                (later for later in events[position + 1 :] if later.item == event.item and later.is_removal), None
            )
            until = window.end
            if goes is not None:
                gone = window.local(goes.at).date()
                until = min(date.fromordinal(gone.toordinal() + price.removal_day_charged), window.end)
            step = _variable(price, place * UNIT) - _variable(price, (place - 1) * UNIT)
            part = Fraction(min(max((until - day).days, 0), days), days)
            reached = max(highest, place * UNIT)
            cost = _flat(price, reached) - _flat(price, highest) + round_to(step * part, "half_up", 16)
            highest = reached
        yield cost


def _part(price: CounterPrice, event: CountedEvent, window: Window) -> Fraction:
    """Which part of its price a prorated event pays."""
    if price.prorated == "characteristic":
        return Fraction(abs(event.prorated_units), max(abs(event.units), 1))
    days = (window.end - window.first).days
    return Fraction(min((window.end - window.local(event.at).date()).days, days), days)


def _cost(price: CounterPrice, units: int) -> Fraction:
    tariff = price.tariff if price.free_events is None else _without_free_quantity(price.tariff)
    return total_cost(tariff, Fraction(units, UNIT))


def _without_free_quantity(tariff: Tariff) -> Tariff:
    """With free first events the free quantity is theirs."""
    return Tariff(tariff.model, tariff.tiers, tariff.bounds, tariff.unused, tariff.below_zero, tariff.beyond_last)


def _flat(price: CounterPrice, units: int) -> Fraction:
    """What of T is charged once: the flat amounts of the tiers that a quantity has reached."""
    quantity = Fraction(units, UNIT)
    if quantity <= 0:
        return Fraction(0)
    flat = Fraction(0)
    for tier in price.tariff.tiers:
        is_reached = is_within(price.tariff, tier, quantity)
        if price.tariff.model == "graduated" or is_reached:
            flat += Fraction(tier.flat_amount)
        if is_reached:
            break
    return flat


def _variable(price: CounterPrice, units: int) -> Fraction:
    return _cost(price, units) - _flat(price, units)
