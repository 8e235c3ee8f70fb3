"""OpenMeter's words: lines of a period that is billed in pieces, unit conversion, minimum and maximum spend, credits.

A period of usage is billed by one line, or by a first, some middle and a last one. A line knows how much earlier lines
counted (``pre_quantity``) and billed; delta re-rating bills the rounded cost of all so far less what was billed.
"""

from datetime import date, timedelta
from decimal import Decimal
from itertools import pairwise
from typing import Any

from tests.conformance.fields import Fields, NotApplicable, NotTranslated, words_of
from tests.conformance.readings import EACH, bill_major, first_part, line_exact, line_major, parts_column
from tests.conformance.scenario import LONG_AGO, MONTH, Scenario, calendar_period, fee, minimum_price, text, usage_price

# The month of usage in pieces, by the place of the line in it; a line that does not say is the only one, or the last.
_PIECES = {
    "single": MONTH,
    "first": (date(2025, 1, 1), date(2025, 1, 11)),
    "mid": (date(2025, 1, 11), date(2025, 1, 21)),
    "last": (date(2025, 1, 21), date(2025, 2, 1)),
}
# What a rounding does to a positive and to a negative quantity: ours go by the distance from zero.
_ROUNDING = {
    "none": (None, None),
    "ceiling": ("up", "down"),
    "floor": ("down", "up"),
    "half_up": ("half_up", "half_up"),
}
_INCLUSIVE = "up_to inclusive"


def translate(scenario: Scenario) -> None:
    """Fill in the scenario of an OpenMeter case."""
    with words_of(scenario.case) as (params, usage, expected):
        if "operation" in params:
            _converted_quantity(scenario, params, usage, expected)
        elif "full_days" in usage:
            _prorated_flat(scenario, params, usage, expected)
        elif params.has("free_units") and "billed_quantity" in expected:
            _usage_discount(scenario, params, usage, expected)
        elif scenario.case.model == "package" and "packages" in expected:
            _packages(scenario, params, usage, expected)
        elif "amount" in params:
            _flat(scenario, params, usage, expected)
        else:
            _priced_usage(scenario, params, usage, expected)


# -- tariffs ----------------------------------------------------------------------------------------------------------


def _tiers(params: Fields) -> list[dict[str, Any]]:
    params.remark("bounds", known=lambda text: text == _INCLUSIVE)
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


def _tier_model(scenario: Scenario) -> str:
    """Which model the tiers belong to: a case about spend or credits says so by the test it comes from."""
    if scenario.case.model in ("graduated", "volume"):
        return scenario.case.model
    if "tieredvolume" in scenario.case.origin:
        return "volume"
    if "tieredgraduated" in scenario.case.origin or "credits" in scenario.case.origin:
        return "graduated"
    raise NotTranslated("unknown tariff: tiers that are neither said to be graduated nor volume")


def _tariff(scenario: Scenario, params: Fields) -> dict[str, Any]:
    if "tiers" in params:
        tariff = {"model": _tier_model(scenario), "tiers": _tiers(params)}
        if not _has_earlier_line(scenario):
            tariff["unused"] = "first_flat"
        return tariff
    if "package_size" in params:
        return {
            "model": "package",
            "package_size": params.number("package_size"),
            "package_amount": params.number("package_amount", "1"),
        }
    if "multiplier" in params:
        return {"model": "dynamic", "multiplier": params.number("multiplier")}
    if "divide_by" in params:
        # Each line converts and rounds its own quantity: whole packages of the line, whatever came before.
        params.one_of("rounding", {"ceiling": "up"})
        return {
            "model": "package",
            "package_size": params.number("divide_by"),
            "package_amount": params.number("unit_amount"),
        }
    return {"model": "per_unit", "unit_amount": params.number("unit_amount")}


def _has_earlier_line(scenario: Scenario) -> bool:
    """Whether the line is a later one of its period; a first flat amount is due on the first only."""
    line = str(scenario.case.usage.get("line", ""))
    return "mid" in line or "not the first" in scenario.case.notes


def _settings(scenario: Scenario, params: Fields) -> dict[str, Any]:
    """What stands around the tariff, in the order in which it is applied."""
    settings: dict[str, Any] = {}
    adjustments: list[dict[str, Any]] = []
    percent = params.number("percent_discount", None)
    if percent is not None:
        adjustments.append({"id": "discount", "name": text("discount"), "kind": "percent", "percent": percent})
    maximum = params.number("maximum", None)
    if maximum is not None:
        adjustments.append({"id": "maximum", "name": text("maximum"), "kind": "maximum", "amount": maximum})
    if adjustments:
        settings["adjustments"] = adjustments
    free_units = params.number("free_units", None)
    if free_units is not None:
        settings["free_quantity"] = free_units
    return settings


def _minimum(params: Fields) -> list[dict[str, Any]]:
    """The least that the price costs in its month, on the bill that ends it."""
    minimum = params.number("minimum", None)
    return [minimum_price(minimum, counts=["usage"])] if minimum is not None else []


def _piece(usage: Fields) -> str:
    line = str(usage.take("line", ""))
    for name in _PIECES:
        if line.startswith(name):
            return name
    if line:
        raise NotTranslated(f"unknown usage.line: {line!r}")
    return "last" if "pre_quantity" in usage else "single"


# -- usage ------------------------------------------------------------------------------------------------------------


def _priced_usage(scenario: Scenario, params: Fields, usage: Fields, expected: Fields) -> None:
    if "cumulative_quantities" in usage:
        _rerated(scenario, params, usage, expected)
        return
    piece = _piece(usage)
    own_quantity_only = "divide_by" in params
    tariff, settings = _tariff(scenario, params), _settings(scenario, params)
    if piece != "single":
        settings["counter"] = "month"
        if tariff["model"] == "volume" and piece != "last":
            raise NotApplicable(
                "a volume price that waits for the end of its period: here each bill has the price of what was used"
            )
    scenario.period(*_PIECES[piece])
    credits = params.numbers("credits") if "credits" in params else []
    scenario.sell(usage_price(tariff, **_measured(tariff), **settings), *_minimum(params))
    before, billed = usage.number("pre_quantity", "0") or "0", params.number("previously_billed", None)
    if (before != "0" or billed or _has_earlier_line(scenario)) and not own_quantity_only:
        scenario.opening("plan", "usage", quantity=before, amount=billed or "0", day=MONTH[0])
    for number, credit in enumerate(credits):
        scenario.record(
            "credits",
            credit_id=f"credit-{number}",
            account_id=scenario.account_id(),
            effective_from=f"{LONG_AGO}T00:00:00Z",
            amount=credit,
            currency_code=scenario.currency,
            priority=str(number),
        )
    _use(scenario, usage.number("quantity") or "0")
    if "amount" in expected:
        expected.take("amount")
        scenario.read("amount", bill_major())
    if "lines" in expected:
        expected.take("lines")
        scenario.read("lines", parts_column("charged_exact", of_tiers_before=False))
    if "parts" in expected:
        expected.take("parts")
        scenario.read("parts", parts_column("left_to_pay_exact", of_tiers_before=False))
    # The running total after the line; what is billed is the difference.
    expected.remark("total_after")


def _measured(tariff: dict[str, Any]) -> dict[str, Any]:
    return {"characteristic": "amount"} if tariff["model"] == "dynamic" else {}


def _use(scenario: Scenario, quantity: str, period: int = 0) -> None:
    """One event of the quantity; no usage at all is no event."""
    if quantity != "0":
        at = scenario.after_start(60, period)
        # With a dynamic price the quantity counted is the amount that comes with the event.
        scenario.use(quantity, at=at, amount=quantity)


def _rerated(scenario: Scenario, params: Fields, usage: Fields, expected: Fields) -> None:
    """Several runs over one month of usage: readings of a meter that has counted so much by each run."""
    readings = usage.numbers("cumulative_quantities")
    tariff = _tariff(scenario, params)
    settings = {"counter": "month", "billed": "cumulative", **_settings(scenario, params)}
    cuts = [date(2025, 1, 1 + 5 * number) for number in range(len(readings))]
    scenario.periods = list(zip(cuts, [*cuts[1:], MONTH[1]], strict=True))
    scenario.sell(usage_price(tariff, **_measured(tariff), **settings), *_minimum(params))
    for number, quantity in enumerate(consumption(readings)):
        _use(scenario, quantity, number)
    expected.take("parts")
    scenario.read("parts", bill_major(step=EACH))


def consumption(readings: list[str]) -> list[str]:
    """What a meter counted between its readings."""
    values = [Decimal(0), *(Decimal(reading) for reading in readings)]
    return [format(after - before, "f") for before, after in pairwise(values)]


def _packages(scenario: Scenario, params: Fields, usage: Fields, expected: Fields) -> None:
    """How many packages: what they cost at one currency unit each."""
    scenario.sell(usage_price(_tariff(scenario, params)))
    _use(scenario, usage.number("quantity") or "0")
    expected.take("packages")
    scenario.read("packages", line_exact())


def _usage_discount(scenario: Scenario, params: Fields, usage: Fields, expected: Fields) -> None:
    """Free units over two lines of one month: the earlier line uses them up first."""
    scenario.periods = [_PIECES["first"], (_PIECES["first"][1], MONTH[1])]
    price = usage_price(
        {"model": "per_unit", "unit_amount": "1"}, counter="month", free_quantity=params.number("free_units")
    )
    scenario.sell(price)
    _use(scenario, usage.number("pre_quantity") or "0", 0)
    _use(scenario, usage.number("quantity") or "0", 1)
    for key, step in (("billed_pre_quantity", 1), ("billed_quantity", 2)):
        expected.take(key)
        scenario.read(key, first_part("quantity", step=step))


def _converted_quantity(scenario: Scenario, params: Fields, usage: Fields, expected: Fields) -> None:
    """A quantity converted and rounded: what it costs at one currency unit for each converted one."""
    factor = params.number("factor")
    is_division = params.one_of("operation", {"divide": True, "multiply": False})
    methods = params.one_of("rounding", _ROUNDING)
    decimals = params.number("precision", "0") or "0"
    quantity = usage.number("quantity") or "0"
    method = methods[quantity.startswith("-")]
    tariff = {"model": "per_unit", "unit_amount": "1", "below_zero": "mirrored"} | (
        {"per_quantity": factor} if is_division else {"unit_amount": factor}
    )
    rounding = [{"at": "event", "method": method, "decimals": decimals}] if method else None
    scenario.sell(usage_price(tariff, rounding=rounding))
    _use(scenario, quantity)
    expected.take("quantity")
    scenario.read("quantity", line_exact())


# -- fees -------------------------------------------------------------------------------------------------------------


def _flat(scenario: Scenario, params: Fields, usage: Fields, expected: Fields) -> None:
    """A fee in arrears, once for the month: on the line that ends it."""
    usage.remark("quantity", known=lambda text: text == "1")
    scenario.period(*_PIECES[_piece(usage)])
    settings = _settings(scenario, params)
    price = fee(params.number("amount") or "0", charged="in_arrears", every="month", anchor="calendar", **settings)
    scenario.sell(price)
    expected.take("amount")
    scenario.read("amount", bill_major())


def _prorated_flat(scenario: Scenario, params: Fields, usage: Fields, expected: Fields) -> None:
    params.remark("rule", known=lambda text: text.startswith("duration ratio, end exclusive"))
    scenario.currency = str(params.take("currency"))
    full_days, service_days = usage.whole("full_days"), usage.whole("service_days")
    every, start, end = calendar_period(full_days)
    scenario.period(start, end)
    price = fee(
        params.number("amount") or "0",
        currency=scenario.currency,
        charged="in_advance",
        every=every,
        anchor="calendar",
    )
    scenario.sell(price, start=scenario.midnight(start), end=scenario.midnight(start + timedelta(days=service_days)))
    expected.take("amount")
    scenario.read("amount", line_major())
