"""Random tariffs and event rules, of every model and setting, that the reference can price too.

Belongs here: what the book could say. Belongs elsewhere: writing it into a database (``rating_fixture``).
"""

import random
from dataclasses import dataclass
from decimal import Decimal

from tests.dbt.rating.tariff_reference import EACH_TIER, EventRules, Tariff, Tier

D = Decimal
MODELS = ("per_unit", "graduated", "volume", "package", "percentage", "graduated_percentage", "dynamic", "flat")
ROUNDINGS = ("half_up", "half_even", "up", "down")
BLOCK_SIZES = (D(1), D(6), D(7), D(60), D("0.5"), D(30))


@dataclass(frozen=True)
class RandomPrice:
    tariff: Tariff
    rules: EventRules
    counter: str


def random_prices(count: int, seed: int) -> dict[str, RandomPrice]:
    """``count`` prices by name; the models take turns, everything else is chance."""
    chance = random.Random(seed)
    return {f"random-{number}": _price(chance, MODELS[number % len(MODELS)]) for number in range(count)}


def _price(chance: random.Random, model: str) -> RandomPrice:
    counter = chance.choice(("period", "period", "period", "event", "hour", "day"))
    return RandomPrice(random_tariff(chance, model, counter), random_rules(chance), counter)


def _amount(chance: random.Random, decimals: int = 4) -> Decimal:
    return D(chance.randrange(0, 30_000)).scaleb(-decimals)


def random_tariff(chance: random.Random, model: str, counter: str) -> Tariff:
    beyond_last = chance.choice((None, None, "free", "last"))
    tier_count = chance.randrange(1, 5) if model in (*EACH_TIER, "volume") else 1
    bounds = sorted(chance.sample(range(20, 1500), tier_count))
    has_blocks = chance.random() < 0.5 and model in ("per_unit", "graduated", "volume", "package")
    is_bounded = beyond_last is not None and model in (*EACH_TIER, "volume")
    tiers = tuple(
        _tier(chance, model, D(bounds[n]) if n < tier_count - 1 or is_bounded else None, has_blocks)
        for n in range(tier_count)
    )
    limits = sorted((_amount(chance, 2), _amount(chance, 2)))
    has_limits = chance.random() < 0.3 and model != "flat"
    return Tariff(
        model,
        tiers,
        bounds=chance.choice(("up_to_inclusive", "from_inclusive")),
        unused="nothing" if counter != "period" else chance.choice(("nothing", "nothing", "first_flat")),
        below_zero=chance.choice(("first_unit", "mirrored", "nothing")),
        beyond_last=beyond_last,
        free_quantity=chance.choice((D(0), D(0), D(45))),
        minimum=limits[0] if has_limits and chance.random() < 0.5 else None,
        maximum=limits[1] if has_limits else None,
        increment=(chance.choice(ROUNDINGS), chance.randrange(2, 6)) if has_blocks and chance.random() < 0.5 else None,
    )


def _tier(chance: random.Random, model: str, up_to: Decimal | None, has_blocks: bool) -> Tier:
    if model == "flat":
        return Tier(up_to, D(0), _amount(chance, 3))
    if model == "package":
        size = chance.choice(BLOCK_SIZES)
        return Tier(up_to, _amount(chance), D(0), size, size, chance.choice(("up", "down", "nearest")))
    is_tiered = model in (*EACH_TIER, "volume")
    return Tier(
        up_to,
        _amount(chance, 2 if "percentage" in model else 4),
        _amount(chance, 3) if is_tiered and chance.random() < 0.5 else D(0),
        D(1) if "percentage" in model or model == "dynamic" else D(chance.choice((1, 7, 60))),
        chance.choice(BLOCK_SIZES) if has_blocks else None,
        chance.choice(("up", "down", "nearest")) if has_blocks else "up",
        _amount(chance, 2) if is_tiered and chance.random() < 0.2 else None,
    )


def random_rules(chance: random.Random) -> EventRules:
    if chance.random() < 0.4:
        return EventRules()
    limits = sorted((_amount(chance, 4), _amount(chance, 3)))
    return EventRules(
        round_up_to=chance.choice((None, (D(60), D(1)), (D(30), D(7)))),
        event_amount=_amount(chance, 5) if chance.random() < 0.5 else D(0),
        minimum=limits[0] if chance.random() < 0.3 else None,
        maximum=limits[1] if chance.random() < 0.3 else None,
        zero_events=chance.choice(("free", "charged")),
        rounding=(chance.choice(ROUNDINGS), chance.randrange(0, 5)) if chance.random() < 0.5 else None,
    )
