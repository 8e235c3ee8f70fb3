"""flexprice's words: slabs, packages, buckets, lines rounded to the currency, credits of changed plans.

``up_to`` is inclusive; slab is graduated with a flat amount for every tier entered; days left include the day of the
change.
"""

from datetime import date, timedelta
from typing import Any

from tests.conformance.fields import Fields, NotApplicable, NotTranslated, words_of
from tests.conformance.readings import bill_major, line_column, line_exact, line_major, lines_major
from tests.conformance.scenario import Scenario, calendar_period, fee, minimum_price, usage_price

_LINE_RULES = (
    "half away from zero to the currency's minor unit",
    "every line is rounded, the subtotal is the sum of rounded lines",
)
TRUE_UP = "minimum"


def translate(scenario: Scenario) -> None:
    """Fill in the scenario of a flexprice case."""
    with words_of(scenario.case) as (params, usage, expected):
        scenario.currency = str(params.take("currency", "USD")).upper()
        if "old_total" in params:
            _plan_change(scenario, params, usage, expected)
        elif "days" in expected:
            _calendar_days(scenario, params, usage, expected)
        elif "potential_credit" in usage:
            _credit_cap()
        elif "commitment" in params:
            _commitment(scenario, params, usage, expected)
        elif scenario.case.model == "rounding" and "unit_amount" not in params:
            _rounded_lines(scenario, params, usage, expected)
        elif scenario.case.model in ("per_unit", "package", "volume", "graduated", "rounding"):
            _priced_usage(scenario, params, usage, expected)
        else:
            raise NotTranslated(f"unknown model {scenario.case.model}")


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
    if model in ("per_unit", "rounding"):
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
    # A price is exact until it is a line of a bill.
    scenario.read("amount", line_major() if scenario.case.model == "rounding" else line_exact())
    if params.flag("bucketed"):
        scenario.sell(usage_price(tariff, counter="hour"))
        for hour, quantity in enumerate(usage.numbers("buckets")):
            scenario.use(quantity, at=scenario.after_start(3600 * hour + 60))
        return
    scenario.sell(usage_price(tariff, currency=scenario.currency))
    scenario.use(usage.number("quantity") or "0")


def _rounded_lines(scenario: Scenario, params: Fields, usage: Fields, expected: Fields) -> None:
    """Amounts as lines of a bill: each is rounded to the currency, their sum is the bill."""
    params.remark("rule", known=lambda text: text in _LINE_RULES)
    amounts: list[str] = []
    if "items" in usage:
        amounts += usage.numbers("items")
    if "amount" in usage:
        amounts.append(usage.number("amount") or "0")
    count = usage.whole("count") if "count" in usage else 1
    if "item" in usage:
        amounts.append(usage.number("item") or "0")
    amounts += usage.numbers("fixed") if "fixed" in usage else []
    for number, amount in enumerate(amounts):
        name = f"item-{number}"
        scenario.offer(fee(amount, kind="one_time", currency=scenario.currency), name=name)
        for copy in range(count):
            scenario.have(name, name=f"{name}-{copy}", start=scenario.after_start(1))
    for number, entry in enumerate(usage.items("usage") if "usage" in usage else []):
        quantity, unit_amount = entry
        name = f"usage-{number}"
        scenario.sell(usage_price({"model": "per_unit", "unit_amount": unit_amount}), name=name)
        scenario.use(quantity, product=name)
    expected.take("amount")
    scenario.read("amount", bill_major())


def _plan_change(scenario: Scenario, params: Fields, usage: Fields, expected: Fields) -> None:
    """What was paid in advance for the old plan is credited for the days left, the new plan charged for them."""
    params.remark("rule", known=lambda text: text == "inclusive days left / days in period")
    first, last = (date.fromisoformat(text) for text in params.items("period"))
    end = last + timedelta(days=1)
    every, _, _ = calendar_period((end - first).days)
    change = date.fromisoformat(usage.take("change_date"))
    scenario.period(first, end)
    for name, key in (("old", "old_total"), ("new", "new_total")):
        amount = params.number(key) or "0"
        if amount == "0":
            continue
        price = fee(amount, charged="in_advance", every=every, anchor="calendar")
        scenario.offer(price, name=name)
        if name == "old":
            scenario.have(name, start=scenario.midnight(first), end=scenario.midnight(change))
            scenario.billed_in_advance(name, "fee", until=end, amount=amount)
        else:
            scenario.have(name, start=scenario.midnight(change))
    expected.take("amount")
    scenario.read("amount", bill_major())
    if "parts" in expected:
        expected.take("parts")
        scenario.read("parts", lines_major())


def _calendar_days(scenario: Scenario, params: Fields, usage: Fields, expected: Fields) -> None:
    """Days between two dates where clocks change: how often a fee per day is charged."""
    params.remark("rule", known=lambda text: text == "calendar days, immune to daylight saving")
    first, last = (date.fromisoformat(usage.take(key)) for key in ("from", "to"))
    scenario.time_zone = "America/New_York"
    scenario.period(first, last)
    price = fee("1", charged="in_arrears", every="day", anchor="calendar")
    scenario.sell(price, start=scenario.midnight(first), end=scenario.midnight(last))
    expected.take("days")
    scenario.read("days", line_column("period_factor"))


def _credit_cap() -> None:
    raise NotApplicable(
        "a helper of credit notes: how much of a payment may still be credited; here a credit is the unused part of a "
        "fee that was charged, so there is nothing to cap"
    )


def _commitment(scenario: Scenario, params: Fields, usage: Fields, expected: Fields) -> None:
    price = usage_price({"model": "per_unit", "unit_amount": "1"}, currency=scenario.currency)
    amount = params.number("commitment")
    scenario.sell(price, minimum_price(amount or "0", currency=scenario.currency))
    scenario.use(usage.number("used") or "0")
    expected.take("amount")
    scenario.read("amount", line_major(charge_kind=TRUE_UP))
