"""Counters that hypothesis invents: tariffs of every model, and the same usage as it came, shuffled and divided.

Belongs here: small books and usage of them. Belongs elsewhere: what must hold (``test_pricing_properties``).
"""

from collections import defaultdict
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

from hypothesis import strategies as st

from tests.dbt.pricing.book_words import price_of
from tests.dbt.pricing.small_world import UNIT, Account, Product, Use, World, offering
from tests.dbt.rating.random_prices import MODELS, random_tariff
from tests.dbt.rating.tariff_reference import Tariff

FILES = 7
# A month with a day of 25 hours, one with a day of 23, a leap day.
WINDOWS = (
    ((date(2025, 10, 1), date(2025, 11, 1)), "Europe/Warsaw"),
    ((date(2025, 3, 1), date(2025, 4, 1)), "America/New_York"),
    ((date(2024, 2, 1), date(2024, 3, 1)), "Asia/Tokyo"),
)


@dataclass(frozen=True)
class Counter:
    """One price, and the usage of its three customers: (seconds after the period's start, units)."""

    tariff: Tariff
    measure: str
    over: str
    usage: list[tuple[int, int]]


@st.composite
def counters(draw: st.DrawFn) -> Counter:
    """A tariff of any model and settings, and quantities that lie on its edges more often than chance has it."""
    model, over = draw(st.sampled_from(MODELS)), draw(st.sampled_from(("period", "month", "year", "day", "hour")))
    tariff = random_tariff(draw(st.randoms(use_true_random=False)), model, over)
    measure = draw(st.sampled_from(("sum", "sum", "sum", "count", "max", "latest")))
    edges = [int(tier.up_to * UNIT) for tier in tariff.tiers if tier.up_to is not None]
    quantity = st.one_of(
        st.integers(-5, 2_000).map(lambda whole: whole * UNIT),
        st.integers(-5 * UNIT, 2_000 * UNIT),
        st.sampled_from([edge + off for edge in (0, *edges) for off in (-1, 0, 1)]),
    )
    second = st.integers(-3 * 86_400, 28 * 86_400)
    usage = draw(st.lists(st.tuples(second, quantity), min_size=1, max_size=8, unique_by=lambda event: event[0]))
    return Counter(tariff, measure, over, usage)


@st.composite
def counter_worlds(draw: st.DrawFn) -> tuple[World, list[Counter]]:
    """Some counters: the usage of each in order in one file, shuffled over files, and with every quantity divided."""
    window, time_zone = draw(st.sampled_from(WINDOWS))
    account = Account("a", window, time_zone)
    start = datetime(*window[0].timetuple()[:3], tzinfo=ZoneInfo(time_zone)).astimezone(UTC)
    made, world = draw(st.lists(counters(), min_size=1, max_size=4)), World([], [account], [])
    for number, counter in enumerate(made):
        characteristic = {} if counter.measure != "count" else {"characteristic": None}
        price = price_of(counter.tariff, aggregate=counter.measure, counter=counter.over, **characteristic)
        world.offerings.append(offering(f"o{number}", price))
        world.products += [
            Product(f"o{number}-{twin}", "a", f"o{number}") for twin in ("ordered", "shuffled", "divided")
        ]
        lines = draw(st.permutations(range(len(counter.usage))))
        for line, (second, units) in enumerate(sorted(counter.usage)):
            at, name = start + timedelta(seconds=second), f"o{number}-{line}"
            world.usage.append(Use(f"{name}-ordered", f"o{number}-ordered", at, units, (1, line)))
            place = (1 + lines[line] % FILES, lines[line])
            world.usage.append(Use(f"{name}-shuffled", f"o{number}-shuffled", at, units, place))
            cuts = draw(st.lists(st.integers(min(units, 0), max(units, 0)), min_size=1, max_size=2))
            bounds = sorted((0, *cuts, units), reverse=units < 0)
            for part, (before, after) in enumerate(pairwise(bounds)):
                world.usage.append(Use(f"{name}-{part}", f"o{number}-divided", at, after - before, place))
    return world, made


def spans(world: World, counter: Counter, twin: str) -> dict[tuple, list[Use]]:
    """The usage of one product by the counter it moves, in the order of time."""
    account = world.accounts[0]
    zone = ZoneInfo(account.time_zone)
    found: dict[tuple, list[Use]] = defaultdict(list)
    for use in sorted(world.usage, key=lambda use: use.at):
        if use.product_id == twin:
            local = use.at.astimezone(zone)
            span = {"day": local.date(), "hour": (use.at.timestamp() // 3600)}.get(counter.over)
            # Every window begins within its year, so that late usage goes on with a counter of the year.
            found[local.date() < account.window[0] and counter.over != "year", span].append(use)
    return found


def reached(measure: str, usage: list[Use]) -> int:
    """Where a counter that starts at nothing ends."""
    units = [use.units for use in usage]
    return {"sum": sum(units), "count": len(units) * UNIT, "max": max(0, *units), "latest": units[-1]}[measure]
