"""flexprice's words: slabs, packages, buckets, lines rounded to the currency, credits of changed plans.

``up_to`` is inclusive; slab is graduated with a flat amount for every tier entered.
"""

from typing import Any

from tests.conformance.fields import Fields, NotTranslated, words_of
from tests.conformance.readings import bill_major, line_exact
from tests.conformance.scenario import Scenario, usage_price


def translate(scenario: Scenario) -> None:
    """Fill in the scenario of a flexprice case."""
    with words_of(scenario.case) as (params, usage, expected):
        translator = _BY_MODEL.get(scenario.case.model)
        if translator is None:
            raise NotTranslated(f"unknown model {scenario.case.model}")
        translator(scenario, params, usage, expected)


def _tiers(params: Fields) -> list[dict[str, Any]]:
    params.remark("bounds", known=lambda text: "up_to inclusive" in text)
    tiers = []
    for tier in params.each("tiers"):
        up_to = tier.number("up_to", None)
        tiers.append(
            {
                **({"up_to": up_to} if up_to is not None else {}),
                "unit_amount": tier.number("unit", None) or "0",
                "flat_amount": tier.number("flat", None) or "0",
            }
        )
    return tiers


def _tariff(model: str, params: Fields) -> dict[str, Any]:
    if model == "per_unit":
        return {"model": "per_unit", "unit_amount": params.number("unit_amount")}
    if model == "package":
        tariff = {
            "model": "package",
            "package_size": params.number("package_size"),
            "package_amount": params.number("package_amount"),
        }
        if "rounding" in params:
            tariff["rounding"] = params.one_of("rounding", {"up": "up", "down": "down"})
        return tariff
    return {"model": model, "tiers": _tiers(params)}


def _priced_usage(scenario: Scenario, params: Fields, usage: Fields, expected: Fields) -> None:
    tariff = _tariff(scenario.case.model, params)
    expected.take("amount")
    scenario.read("amount", line_exact())
    if params.flag("bucketed"):
        scenario.sell(usage_price(tariff, counter="hour"))
        for hour, quantity in enumerate(usage.numbers("buckets")):
            scenario.use(quantity, at=scenario.after_start(3600 * hour + 60))
        return
    scenario.sell(usage_price(tariff))
    scenario.use(usage.number("quantity") or "0")


_BY_MODEL = {
    "per_unit": _priced_usage,
    "package": _priced_usage,
    "volume": _priced_usage,
    "graduated": _priced_usage,
}
__all__ = ["bill_major", "translate"]
