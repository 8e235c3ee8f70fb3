"""meteroid's words: a tier covers [first_unit, next first_unit); part periods end exclusively."""

import re
from datetime import date
from typing import Any

from tests.conformance.fields import Fields, NotTranslated, words_of
from tests.conformance.readings import bill_minor, line_exact, lines_minor
from tests.conformance.scenario import Scenario, ends_of, fee, usage_price

_ITEM = re.compile(r"(credit|charge) ([0-9.]+)( .*)?")
_RULE = "days from change to period end (end exclusive) / days in period"


def translate(scenario: Scenario) -> None:
    """Fill in the scenario of a meteroid case."""
    with words_of(scenario.case) as (params, usage, expected):
        if "items" in params:
            _plan_change(scenario, params, usage, expected)
        elif scenario.case.model == "flat":
            _one_time(scenario, params, usage, expected)
        elif "quantity" in usage:
            _priced_usage(scenario, params, usage, expected)
        else:
            raise NotTranslated(f"unknown model {scenario.case.model}")


def _tariff(scenario: Scenario, params: Fields) -> dict[str, Any]:
    if "package_size" in params:
        return {
            "model": "package",
            "package_size": params.number("package_size"),
            "package_amount": params.number("package_amount"),
        }
    if "tiers" not in params:
        return {"model": "per_unit", "unit_amount": params.number("rate")}
    params.remark("bounds", known=lambda text: text == "a tier covers [first_unit, next first_unit)")
    tiers, starts = [], []
    for tier in params.each("tiers"):
        starts.append(tier.number("first_unit") or "0")
        entry = {
            "unit_amount": tier.number("rate"),
            "flat_amount": tier.number("flat_fee", None) or "0",
        }
        cap = tier.number("flat_cap", None)
        tiers.append(entry | ({"maximum": cap} if cap is not None else {}))
    model = "volume" if scenario.case.model == "volume" else "graduated"
    tiers = [end | tier for end, tier in zip(ends_of(starts), tiers, strict=True)]
    return {"model": model, "bounds": "from_inclusive", "tiers": tiers}


def _priced_usage(scenario: Scenario, params: Fields, usage: Fields, expected: Fields) -> None:
    scenario.sell(usage_price(_tariff(scenario, params)))
    scenario.use(usage.number("quantity") or "0")
    expected.take("amount")
    scenario.read("amount", line_exact())


def _plan_change(scenario: Scenario, params: Fields, usage: Fields, expected: Fields) -> None:
    """Components that end are credited for the days left, those that begin are charged for them."""
    params.remark("rule", known=lambda text: text.startswith(_RULE))
    start, end = (date.fromisoformat(text) for text in params.items("period"))
    change = date.fromisoformat(usage.take("change_date"))
    scenario.period(start, end)
    for number, text in enumerate(params.items("items")):
        found = _ITEM.fullmatch(text)
        if not found or found[3]:
            raise NotTranslated(f"unknown params.items: {text!r}")
        name = f"item-{number:02d}"
        # The period is the account's own: its days are the divisor.
        price = fee(found[2], charged="in_advance", every="bill_period")
        scenario.offer(price, name=name)
        if found[1] == "credit":
            scenario.have(name, start=scenario.midnight(start), end=scenario.midnight(change))
            scenario.billed_in_advance(name, "fee", until=end, amount=found[2])
        else:
            scenario.have(name, start=scenario.midnight(change))
    expected.take("amount")
    scenario.read("amount", bill_minor())
    if "parts" in expected:
        expected.take("parts")
        scenario.read("parts", lines_minor())


def _one_time(scenario: Scenario, params: Fields, usage: Fields, expected: Fields) -> None:
    """A fee charged once for each of so many: never prorated, whatever the day."""
    change = date.fromisoformat(usage.take("change_date"))
    scenario.period(change.replace(day=1), change.replace(day=28))
    scenario.offer(fee(params.number("rate") or "0", kind="one_time"))
    for number in range(params.whole("quantity")):
        scenario.have("plan", name=f"plan-{number}", start=scenario.midnight(change))
    expected.take("amount")
    scenario.read("amount", bill_minor())
