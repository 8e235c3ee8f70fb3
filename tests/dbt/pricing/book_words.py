"""Tariffs and event rules of the reference, written as a book writes them.

Belongs here: words for ``Tariff`` and ``EventRules``. Belongs elsewhere: inventing them (``random_prices``), what they
cost (``tariff_reference``).
"""

from decimal import Decimal
from typing import Any

from tests.conformance.scenario import usage_price
from tests.dbt.rating.tariff_reference import EventRules, Tariff, Tier


def price_of(tariff: Tariff, rules: EventRules | None = None, **more: Any) -> dict[str, Any]:
    """A usage price of this tariff, with the settings under which it is read. ``more``: other words of the price."""
    if tariff.free_quantity:
        more["free_quantity"] = _text(tariff.free_quantity)
    roundings = (
        [{"at": "increment", "method": tariff.increment[0], "decimals": str(tariff.increment[1])}]
        if tariff.increment
        else []
    )
    if rules is not None:
        roundings += (
            [{"at": "event", "method": rules.rounding[0], "decimals": str(rules.rounding[1])}] if rules.rounding else []
        )
        more |= rule_words(rules)
    pricing = {"bounds": tariff.bounds, "unused": tariff.unused, "below_zero": tariff.below_zero}
    pricing |= {"beyond_last": tariff.beyond_last} if tariff.beyond_last else {}
    return usage_price(tariff_words(tariff) | pricing, rounding=roundings, **more)


def rule_words(rules: EventRules) -> dict[str, Any]:
    """What happens to one event besides its tariff; its rounding is a setting of pricing."""
    words: dict[str, Any] = {"zero_events": rules.zero_events, "event_amount": _text(rules.event_amount)}
    if rules.round_up_to is not None:
        words["round_up_to"] = dict(zip(("first", "next"), map(_text, rules.round_up_to), strict=True))
    limits = {"event_minimum": rules.minimum, "event_maximum": rules.maximum}
    return words | {name: _text(limit) for name, limit in limits.items() if limit is not None}


def tariff_words(tariff: Tariff) -> dict[str, Any]:
    """The tariff alone: also what a personalised price says."""
    first = tariff.tiers[0]
    words: dict[str, Any] = {"model": tariff.model}
    if tariff.model == "flat":
        return words | {"amount": _text(first.flat_amount)}
    if tariff.model == "package":
        words |= {"package_size": _text(first.block_size), "package_amount": _text(first.unit_amount)}
        words |= {"rounding": first.block_rounding}
    elif tariff.model == "percentage":
        words |= {"rate_percent": _text(first.unit_amount)}
    elif tariff.model == "dynamic":
        words |= {"multiplier": _text(first.unit_amount)}
    elif tariff.model == "per_unit":
        words |= {"per_quantity": _text(first.per_quantity)} | _tier_words(first, "unit_amount")
    else:
        amount = "rate_percent" if tariff.model == "graduated_percentage" else "unit_amount"
        words["tiers"] = [
            _tier_words(tier, amount) | ({"per_quantity": _text(tier.per_quantity)} if amount == "unit_amount" else {})
            for tier in tariff.tiers
        ]
    limits = {"minimum": tariff.minimum, "maximum": tariff.maximum}
    return words | {name: _text(limit) for name, limit in limits.items() if limit is not None}


def _tier_words(tier: Tier, amount: str) -> dict[str, Any]:
    words: dict[str, Any] = {amount: _text(tier.unit_amount)}
    words |= {"up_to": _text(tier.up_to)} if tier.up_to is not None else {}
    words |= {"flat_amount": _text(tier.flat_amount)} if tier.flat_amount else {}
    words |= {"maximum": _text(tier.maximum)} if tier.maximum is not None else {}
    if tier.block_size is not None:
        words |= {"block_size": _text(tier.block_size), "block_rounding": tier.block_rounding}
    return words


def _text(value: Decimal | None) -> str:
    assert value is not None
    return format(value, "f")
