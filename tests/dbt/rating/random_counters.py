"""Random prices of every measure and way of counting, with customers, openings and usage, as books and files.

Belongs here: chance, and its words for a book. Belongs elsewhere: what it must cost (``counter_reference``).

Each price has three customers with the same usage: as it came, shuffled, and with every quantity in two or three parts.
"""

import random
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from itertools import pairwise
from typing import Any

from tests.conformance.cases import Case
from tests.conformance.scenario import Scenario
from tests.dbt.pricing.book_words import price_of, tariff_words
from tests.dbt.rating.counter_reference import (
    UNIT,
    CountedEvent,
    CounterPrice,
    Opening,
    Window,
    counter_start,
)
from tests.dbt.rating.random_prices import MODELS, random_rules, random_tariff
from tests.dbt.rating.tariff_reference import EventRules, Tariff, Tier

D = Decimal
TWINS = ("as_it_came", "shuffled", "divided")
WINDOWS = (
    Window(date(2025, 1, 1), date(2025, 2, 1), "UTC"),
    Window(date(2025, 3, 1), date(2025, 4, 1), "America/New_York"),
    Window(date(2025, 10, 15), date(2025, 11, 15), "Europe/Warsaw"),
    Window(date(2024, 2, 1), date(2024, 3, 1), "Asia/Tokyo"),
)
KINDS = (
    "sum", "count", "max", "latest", "unique_count", "weighted_sum", "free_events", "highest_so_far", "days_left",
    "characteristic", "unique_days_left", "cumulative", "recurring", "opened", "ruled", "changed",
)  # fmt: skip
LONG = ("period", "month", "quarter", "year")
# Kinds whose tariffs are of every model and setting.
ANY_TARIFF = ("sum", "count", "max", "latest", "opened", "ruled", "changed")


@dataclass
class RandomCounter:
    """One price, what its counter had reached, and the usage of all three customers."""

    kind: str
    price: CounterPrice
    opening: Opening
    window: Window
    events: list[CountedEvent]
    # Where counters stood that are over, by their first day.
    over: dict[date, Opening] = field(default_factory=dict)
    products: dict[str, str] = field(default_factory=dict)
    divided: list[CountedEvent] = field(default_factory=list)


def random_counters(count: int, seed: int) -> tuple[list[RandomCounter], list[Scenario]]:
    """``count`` prices, all kinds in turn, and the scenarios of their customers."""
    chance, late_chance = random.Random(seed), random.Random(seed + 1)
    made, scenarios = [], []
    for number in range(count):
        counter = _counter(chance, KINDS[number % len(KINDS)])
        if counter.price.counter in LONG and not counter.price.recurring:
            _come_late(late_chance, counter)
        for position, twin in enumerate(TWINS):
            events = counter.divided if twin == "divided" else counter.events
            scenario = _scenario(len(TWINS) * number + position + 1, counter, events)
            counter.products[twin] = scenario.product_id("plan")
            scenarios.append(scenario)
        made.append(counter)
    return made, scenarios


def _counter(chance: random.Random, kind: str) -> RandomCounter:
    window = chance.choice(WINDOWS)
    measure = kind if kind in ("count", "max", "latest", "unique_count", "weighted_sum") else "sum"
    is_prorated = kind in ("days_left", "characteristic", "unique_days_left")
    if kind == "unique_days_left":
        measure = "unique_count"
    if kind in ("ruled", "changed"):
        measure = chance.choice(("sum", "count", "max", "latest"))
    price = CounterPrice(
        _tariff(chance, kind, is_simple=is_prorated),
        measure=measure,
        counter=chance.choice(("period", "day", "hour"))
        if kind in ("ruled", "changed") or (kind == measure != "sum" and kind != "count")
        else chance.choice(LONG) if kind not in ("unique_days_left", "recurring") else "period",
        billed=kind if kind in ("cumulative", "highest_so_far") else "delta",
        recurring=kind == "recurring" or (kind == "unique_days_left" and chance.random() < 0.5),
        prorated={"unique_days_left": "days_left"}.get(kind, kind) if is_prorated else None,
        removal_day_charged=chance.random() < 0.5,
        free_events=chance.randrange(1, 8) if kind == "free_events" else None,
        removes=measure == "unique_count",
    )  # fmt: skip
    if kind in ("ruled", "changed"):
        rules = random_rules(chance) if kind == "ruled" else EventRules()
        price = replace(price, rules=rules if measure == "sum" else replace(rules, round_up_to=None))
    if kind == "changed":
        price = replace(price, changes=_changes(chance, price, window))
    has_opening = kind in ("cumulative", "recurring", "opened") or (
        kind in ("max", "latest", "unique_count", "highest_so_far", "unique_days_left")
        and price.counter not in ("day", "hour")
        and chance.random() < 0.6
    )
    opening = _opening(chance, price) if has_opening else Opening()
    events = _events(chance, price, window, can_be_negative=kind in ("cumulative", *ANY_TARIFF))
    return RandomCounter(kind, price, opening, window, events, divided=_divided(chance, events))


def _come_late(chance: random.Random, counter: RandomCounter) -> None:
    """More usage of the two periods before, and for half of the prices where their counters stood."""
    price, window = counter.price, counter.window
    until = window.midnight(window.first).timestamp() - 8 * 86_400
    for _ in range(chance.randrange(0, 8)):
        at = datetime.fromtimestamp(until - chance.randrange(40 * 86_400) - 0.5, UTC)
        units = chance.choice((0, 1, UNIT, 45 * UNIT, chance.randrange(1, 300 * UNIT)))
        if price.measure in ("sum", "latest") and counter.kind in ANY_TARIFF and chance.random() < 0.2:
            units = -units
        item = f"item-{chance.choice('abcdefgh')}"
        event = CountedEvent(
            at, units, chance.randrange(0, abs(units) + 1), item, price.removes and chance.random() < 0.35
        )
        if all(other.at != at for other in counter.events):
            counter.events.append(event)
            counter.divided += _divided(chance, [event])
    counter.events.sort(key=lambda event: event.at)
    one_position_says_it = price.measure in ("sum", "count", "max") and price.billed in ("delta", "cumulative")
    if one_position_says_it and price.prorated is None and price.free_events is None and chance.random() < 0.5:
        starts = {counter_start(price, event.at, window) for event in counter.events}
        for start in sorted(starts):
            if start < counter_start(price, window.midnight(window.first), window):
                counter.over[start] = Opening(chance.randrange(1, 900) * UNIT + chance.choice((0, 500_000, 1)))


def _opening(chance: random.Random, price: CounterPrice) -> Opening:
    billed = D(chance.randrange(0, 900_000)).scaleb(-2) if price.billed == "cumulative" else D(0)
    if price.measure == "unique_count":
        held = tuple(f"item-{name}" for name in chance.sample("abcdefgh", chance.randrange(1, 5)))
        return Opening(len(held) * UNIT, D(0), held)
    return Opening(chance.randrange(1, 900) * UNIT + chance.choice((0, 500_000, 1)), billed)


def _events(chance: random.Random, price: CounterPrice, window: Window, *, can_be_negative: bool) -> list[CountedEvent]:
    """Usage at instants that are all different, from a week before the period to its last second."""
    start, end = window.midnight(window.first), window.midnight(window.end)
    seconds = int(end.timestamp() - start.timestamp())
    chosen = set(chance.sample(range(-7 * 86_400, seconds - 10), chance.randrange(6, 40)))
    chosen |= set(chance.sample((0, 3, 86_400, seconds - 3, seconds // 2), chance.randrange(0, 4)))
    events = []
    for second in sorted(chosen):
        units = chance.choice((0, 1, UNIT, 45 * UNIT, chance.randrange(1, 300 * UNIT)))
        if can_be_negative and chance.random() < 0.2:
            units = -units
        events.append(
            CountedEvent(
                datetime.fromtimestamp(start.timestamp() + second, UTC),
                units,
                chance.randrange(0, abs(units) + 1),
                f"item-{chance.choice('abcdefgh')}",
                price.removes and chance.random() < 0.35,
            )
        )
    return events


def _divided(chance: random.Random, events: list[CountedEvent]) -> list[CountedEvent]:
    """Each quantity in parts that add up to it, a second apart at most: no other event lies between."""
    divided = []
    for event in events:
        cuts = sorted(chance.randrange(0, abs(event.units) + 1) for _ in range(chance.randrange(1, 3)))
        bounds = [0, *cuts, abs(event.units)]
        for number, (lower, upper) in enumerate(pairwise(bounds)):
            units = (upper - lower) * (1 if event.units >= 0 else -1)
            at = event.at + timedelta(milliseconds=300 * number)
            divided.append(CountedEvent(at, units, 0, event.item, event.is_removal))
    return divided


def _tariff(chance: random.Random, kind: str, *, is_simple: bool) -> Tariff:
    def amount(decimals: int = 4) -> Decimal:
        return D(chance.randrange(0, 30_000)).scaleb(-decimals)

    if kind in ANY_TARIFF:
        # A product without usage in its period would pay the first flat amount on a line of its own.
        made = replace(random_tariff(chance, chance.choice(MODELS), "day"), unused="nothing")
        # A setting of the price, which only tariffs with blocks can have: not all its versions do.
        return replace(made, increment=None) if kind == "changed" else made
    model = chance.choice(("per_unit", "graduated", "volume", "package"))
    few = kind in ("unique_count", "count", "unique_days_left")
    if model == "package":
        size = chance.choice((D(1), D(7), D(60)))
        return Tariff("package", (Tier(None, amount(), D(0), size, size, chance.choice(("up", "down", "nearest"))),))
    bounds = [D(bound) for bound in sorted(chance.sample(range(1, 12) if few else range(20, 1500), 3))]
    tiered = model != "per_unit"
    # Prices for a part of time have prices per 1: a prorated amount is rounded by itself, T is as well.
    per = D(1) if is_simple else D(chance.choice((1, 7, 60)))
    tiers = tuple(
        Tier(bounds[n] if n < 2 else None, amount(), amount(3) if tiered and chance.random() < 0.6 else D(0), per)
        for n in ((0, 1, 2) if tiered else (2,))
    )
    return Tariff(
        model,
        tiers,
        bounds=chance.choice(("up_to_inclusive", "from_inclusive")),
        below_zero=chance.choice(("first_unit", "mirrored", "nothing")),
        free_quantity=D(45) if kind in ("sum", "max") and chance.random() < 0.3
        else D(chance.choice((0, 60, 150))) if kind == "free_events" else D(0),
    )  # fmt: skip


def _changes(chance: random.Random, price: CounterPrice, window: Window) -> tuple[tuple[datetime, Tariff], ...]:
    """A second version of the price from some day on (of the operator's, UTC), then a price of the customer's own."""
    days = (window.end - window.first).days
    day = window.first + timedelta(days=chance.randrange(2, days // 2))
    own_at = datetime.combine(day, datetime.min.time(), UTC) + timedelta(minutes=chance.randrange(1_500, 12_000))
    return (
        (datetime.combine(day, datetime.min.time(), UTC), _alike(chance, price.tariff)),
        (own_at, _alike(chance, price.tariff)),
    )


def _alike(chance: random.Random, tariff: Tariff) -> Tariff:
    """Another tariff under the settings of the price, which hold for all its versions and for a customer's own."""
    other = random_tariff(chance, chance.choice(MODELS), "day")
    return replace(
        other,
        tiers=(*other.tiers[:-1], replace(other.tiers[-1], up_to=None)),
        bounds=tariff.bounds,
        unused=tariff.unused,
        below_zero=tariff.below_zero,
        beyond_last=tariff.beyond_last,
        free_quantity=tariff.free_quantity,
        increment=tariff.increment,
    )


def _scenario(number: int, counter: RandomCounter, events: list[CountedEvent]) -> Scenario:
    price, window = counter.price, counter.window
    case = Case(f"random-{number}", "random", counter.kind, {}, None, {}, "", "", "")
    scenario = Scenario(case, number, time_zone=window.time_zone)
    scenario.period(window.first, window.end)
    more: dict[str, Any] = {"counter": price.counter, "billed": price.billed, "recurring": price.recurring}
    if price.prorated:
        more["prorated"] = {"by": price.prorated, "removal_day_charged": price.removal_day_charged}
        more["prorated"] |= {"characteristic": "prorated"} if price.prorated == "characteristic" else {}
    if price.free_events:
        more["free_events"] = price.free_events
    is_unique = price.measure == "unique_count"
    words = price_of(
        price.tariff,
        price.rules,
        aggregate=price.measure,
        characteristic={"count": None, "unique_count": "item"}.get(price.measure, "quantity"),
        removal={"characteristic": "operation", "in": ["gone"]} if is_unique else None,
        **more,
    )
    scenario.sell(words)
    if price.changes:
        (second_at, second), (own_at, own) = price.changes
        day = second_at.date().isoformat()
        words["versions"][0]["effective_until"] = day
        words["versions"].append({"effective_from": day, "tariff": tariff_words(second)})
        scenario.record(
            "price_overrides",
            product_id=scenario.product_id("plan"),
            price_id="usage",
            effective_from=own_at.isoformat(),
            tariff=tariff_words(own),
        )
    for event in events:
        scenario.use(
            format(D(event.units).scaleb(-6), "f"),
            at=event.at,
            prorated=format(D(event.prorated_units).scaleb(-6), "f"),
            item=event.item,
            operation="gone" if event.is_removal else "here",
        )
    _open(scenario, counter)
    return scenario


def _open(scenario: Scenario, counter: RandomCounter) -> None:
    """The records that say what the counter had reached."""
    price, opening, first = counter.price, counter.opening, counter.window.first
    for start, reached in counter.over.items():
        scenario.opening("plan", "usage", quantity=format(D(reached.units).scaleb(-6), "f"), day=start)
    starts = {
        "month": first.replace(day=1),
        "quarter": first.replace(month=(first.month - 1) // 3 * 3 + 1, day=1),
        "year": first.replace(month=1, day=1),
    }
    day = first if price.recurring else starts.get(price.counter, first)
    for value in opening.held:
        scenario.opening("plan", "usage", quantity="1", day=day, value=value)
    if opening.units and not opening.held:
        quantity = format(D(opening.units).scaleb(-6), "f")
        scenario.opening("plan", "usage", quantity=quantity, amount=str(opening.billed), day=day)
