"""meteroid's words: a tier covers [first_unit, next first_unit); part periods end exclusively."""

from typing import Any

from tests.conformance.fields import Fields, NotTranslated, words_of
from tests.conformance.readings import line_exact
from tests.conformance.scenario import Scenario, usage_price


def translate(scenario: Scenario) -> None:
    """Fill in the scenario of a meteroid case."""
    with words_of(scenario.case) as (params, usage, expected):
        translator = _BY_MODEL.get(scenario.case.model)
        if translator is None:
            raise NotTranslated(f"unknown model {scenario.case.model}")
        translator(scenario, params, usage, expected)


def _tariff(model: str, params: Fields) -> dict[str, Any]:
    if model == "per_unit":
        return {"model": "per_unit", "unit_amount": params.number("rate")}
    return {
        "model": "package",
        "package_size": params.number("package_size"),
        "package_amount": params.number("package_amount"),
    }


def _priced_usage(scenario: Scenario, params: Fields, usage: Fields, expected: Fields) -> None:
    scenario.sell(usage_price(_tariff(scenario.case.model, params)))
    scenario.use(usage.number("quantity") or "0")
    expected.take("amount")
    scenario.read("amount", line_exact())


_BY_MODEL = {"per_unit": _priced_usage, "package": _priced_usage}
