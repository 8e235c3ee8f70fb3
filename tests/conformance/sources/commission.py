"""Commissions of a marketplace: percent of an item and of its shipping, a fixed amount, the most specific rule."""

import re
from typing import Any

from tests.conformance.fields import Fields, NotTranslated
from tests.conformance.readings import positions_major, shares_major
from tests.conformance.scenario import Scenario, fee, text
from tests.conformance.sources.waterfall import agreement_version

MARKETPLACE = "marketplace"
_RULE = re.compile(r"([0-9.]+)% on (one|two|three) dimensions?")
# How an agreement says more about what it covers: its offering, then the price, then who sold it.
_DIMENSIONS = {"one": 1, "two": 2}


def translate(scenario: Scenario, params: Fields, usage: Fields, expected: Fields) -> None:
    """Fill in the scenario of a commission."""
    if "fixed_by_currency" in params:
        _fixed(scenario, params, usage)
    elif "rules" in params:
        _most_specific(scenario, params, usage)
    else:
        _percent(scenario, params, usage)
    party = scenario.name(MARKETPLACE)
    expected.take("amount")
    scenario.read("amount", positions_major(party))
    if "parts" in expected:
        expected.take("parts")
        scenario.read("parts", shares_major(party))


def _agree(scenario: Scenario, name: str, item: dict[str, Any], covers: list[dict[str, str]]) -> None:
    party = scenario.name(MARKETPLACE)
    if not scenario.agreements:
        scenario.record("parties", party_id=party)
    items = [{"id": "commission", "to": party, **item}, {"id": "kept", "kept": True}]
    scenario.agreements[name] = {
        "id": scenario.name(name),
        "name": text(name),
        "payer": "operator",
        "parties": ["operator", party],
        "versions": [agreement_version(items, covers)],
    }


def _fixed(scenario: Scenario, params: Fields, usage: Fields) -> None:
    """A fixed amount in each currency: an offering priced in it, and an agreement about that offering."""
    scenario.currency = str(usage.take("currency")).upper()
    amounts = Fields("params.fixed_by_currency", params.take("fixed_by_currency"))
    for code in amounts.left:
        currency, amount = code.upper(), amounts.number(code)
        name = f"in-{code}"
        scenario.offer(fee("99999", kind="one_time", currency=currency), name=name)
        item = {"fixed": {"amount": amount, "per": "line"}, "currency": currency}
        _agree(scenario, name, item, [{"offering": scenario.name(name)}])
        scenario.agreements[name]["versions"][0]["settlement"]["currency"] = currency
        if currency == scenario.currency:
            scenario.have(name, start=scenario.after_start(1))


def _most_specific(scenario: Scenario, params: Fields, usage: Fields) -> None:
    """Rules on more dimensions come first."""
    usage.remark("matches", known=lambda words: words == "both rules")
    scenario.sell(fee(usage.number("item") or "0", kind="one_time"), start=scenario.after_start(1))
    for number, words in enumerate(params.items("rules")):
        found = _RULE.fullmatch(words)
        if not found or found[2] not in _DIMENSIONS:
            raise NotTranslated(f"unknown params.rules: {words!r}")
        cover = {"offering": scenario.name("plan"), "price": "fee"}
        chosen = dict(list(cover.items())[: _DIMENSIONS[found[2]]])
        _agree(scenario, f"rule-{number}", {"percent": found[1]}, [chosen])


def _percent(scenario: Scenario, params: Fields, usage: Fields) -> None:
    """A percentage of the item, and of its shipping where that is switched on."""
    percent = params.number("default_percent")
    prices = [fee(usage.number("item") or "0", price_id="item", kind="one_time")]
    if "shipping" in usage:
        prices.append(fee(usage.number("shipping") or "0", price_id="shipping", kind="one_time"))
    scenario.sell(*prices, start=scenario.after_start(1))
    offering = scenario.name("plan")
    covers = [{"offering": offering}] if params.flag("include_shipping") else [{"offering": offering, "price": "item"}]
    _agree(scenario, "commission", {"percent": percent}, covers)
