"""Kill Bill's words: blocks and tiers, capacity, cycles in advance.

A started block counts whole, tier limits are counted in blocks, beyond the last tier its price goes on. A cycle's part
before the first billing day is days over the days of one period back from it, the part after the last is days over the
days of one period on, each rounded to 9 decimals; the end day is not charged.
"""

import re
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from tests.conformance.fields import Fields, NotApplicable, NotTranslated, decimal_text, words_of
from tests.conformance.readings import bill_major, line_column, lines_major, parts_column
from tests.conformance.scenario import Scenario, fee, usage_price
from tests.conformance.sources.openmeter import consumption

_EVERY = {"monthly": "month", "quarterly": "quarter", "annual": "year", "biannual": "half_year", "weekly": "week"}
_MONTHS = {"week": 0, "month": 1, "quarter": 3, "half_year": 6, "year": 12}
_MODEL_OF_POLICY = {"ALL_TIERS": "graduated", "TOP_TIER": "volume"}
_RATE = re.compile(r"([0-9.]+) from ([0-9-]{10}), bcd ([0-9]+)")
_BILLED_BY_UNIT = re.compile(r"([0-9.]+) \((.+)\)")
_UNITS_BILLED = re.compile(r"(\S+) ([0-9+.]+)")
_ONE_DAY = timedelta(days=1)


def translate(scenario: Scenario) -> None:
    """Fill in the scenario of a Kill Bill case."""
    with words_of(scenario.case) as (params, usage, expected):
        if scenario.case.model == "capacity":
            _capacity(scenario, params, usage, expected)
        elif params.has("bill_cycle_day", "billing_period"):
            _cycles(scenario, params, usage, expected)
        elif "billing_period" in params:
            _part_of_a_cycle(scenario, params, usage, expected)
        elif "rates" in params or "rate" in params:
            _rates(scenario, params, usage, expected)
        elif "tiers" in params or "unit_prices" in params:
            _consumable(scenario, params, usage, expected)
        else:
            raise NotTranslated(f"unknown model {scenario.case.model}")


# -- usage ------------------------------------------------------------------------------------------------------------


def _tariff(model: str, tiers: list[Fields]) -> dict[str, Any]:
    found = []
    for tier in tiers:
        block_size = tier.number("block_size")
        entry = {"block_size": block_size, "unit_amount": tier.number("price_per_block"), "per_quantity": block_size}
        blocks = tier.take("max_blocks")
        if blocks not in ("unlimited", None):
            entry["blocks"] = tier.number("max_blocks")
        found.append(entry)
    tariff = {"model": model, "tiers": found}
    if "blocks" in found[-1]:
        tariff["beyond_last"] = "last"
    return tariff


def _tiers_by_unit(params: Fields) -> dict[str, list[Fields]]:
    """Tiers by the unit they count; one unnamed unit when there is only one."""
    key = "unit_prices" if "unit_prices" in params else "tiers"
    value = params.take(key)
    by_unit = value if isinstance(value, dict) else {"": value}
    # Items of an invoice come in the order of the unit's name, unless each unit has a price list of its own.
    units = list(by_unit) if key == "unit_prices" else sorted(by_unit)
    return {
        unit: [Fields(f"params.{key}[{number}]", tier) for number, tier in enumerate(by_unit[unit])] for unit in units
    }


def _consumable(scenario: Scenario, params: Fields, usage: Fields, expected: Fields) -> None:
    model = params.one_of("policy", _MODEL_OF_POLICY, "graduated")
    by_unit = _tiers_by_unit(params)
    billed_amount, billed_by_unit = _already_billed(params)
    settings: dict[str, Any] = {}
    if billed_by_unit or billed_amount is not None:
        settings["counter"] = "year"
    if billed_amount is not None and not billed_by_unit:
        settings["billed"] = "cumulative"
    prices = []
    for unit, tiers in by_unit.items():
        price_id = f"usage-{unit.lower()}" if unit else "usage"
        where = {"where": {"unit": {"in": [unit]}}} if unit else {}
        prices.append(usage_price(_tariff(model, tiers), price_id=price_id, **where, **settings))
        for tier in tiers:
            tier.refuse_unknown()
        if unit in billed_by_unit:
            scenario.opening("plan", price_id, quantity=total(billed_by_unit[unit]))
        if billed_amount is not None and not billed_by_unit:
            scenario.opening("plan", price_id, amount=billed_amount)
    scenario.sell(*prices)
    for unit in by_unit:
        quantities = _quantities(usage, unit)
        if unit in billed_by_unit:
            # The case tells what was used in all; what earlier invoices counted is the opening balance.
            quantities = consumption([total(billed_by_unit[unit]), *quantities])[1:]
        for quantity in quantities:
            scenario.use(quantity, **({"unit": unit} if unit else {}))
    expected.take("amount")
    scenario.read("amount", bill_major())
    if "tier_amounts" in expected:
        expected.take("tier_amounts")
        scenario.read("tier_amounts", parts_column("amount_exact"))
    if "parts" in expected:
        expected.take("parts")
        scenario.read("parts", parts_column("amount_exact") if billed_by_unit else lines_major())


def _quantities(usage: Fields, unit: str) -> list[str]:
    if unit:
        return [usage.number(unit) or "0"] if unit in usage else []
    return usage.numbers("events") if "events" in usage else [usage.number("quantity") or "0"]


def total(quantities: list[str]) -> str:
    """What was used before, as one quantity."""
    return format(sum(Decimal(quantity) for quantity in quantities), "f")


def _already_billed(params: Fields) -> tuple[str | None, dict[str, list[str]]]:
    """What earlier invoices billed: an amount, and the quantities behind it when the case tells them."""
    value = params.take("already_billed", None)
    if value is None:
        return None, {}
    told = _BILLED_BY_UNIT.fullmatch(value)
    if not told:
        return decimal_text(value, "params.already_billed"), {}
    by_unit = {}
    for entry in told[2].split(", "):
        found = _UNITS_BILLED.fullmatch(entry)
        if not found:
            raise NotTranslated(f"unknown params.already_billed: {value!r}")
        by_unit[found[1]] = found[2].split("+")
    return decimal_text(told[1], "params.already_billed"), by_unit


def _capacity(scenario: Scenario, params: Fields, usage: Fields, expected: Fields) -> None:
    params.remark("aggregation", known=lambda text: text == "maximum per unit over the period")
    billed_amount, _ = _already_billed(params)
    limits: dict[str, list[dict[str, Any]]] = {}
    for tier in params.each("tiers"):
        price = tier.number("price")
        for unit, limit in tier.take("max").items():
            up_to = {} if limit in ("unlimited", "-1", None) else {"up_to": decimal_text(limit, f"{tier.name}.max")}
            limits.setdefault(unit, []).append({**up_to, "flat_amount": price})
    settings = {"combine": {"group": "capacity", "by": "greatest"}}
    if billed_amount is not None:
        settings |= {"counter": "year", "billed": "cumulative"}
    prices = []
    for unit, tiers in limits.items():
        tariff = {"model": "volume", "tiers": tiers} | ({"beyond_last": "last"} if "up_to" in tiers[-1] else {})
        prices.append(
            usage_price(
                tariff,
                price_id=f"capacity-{unit.lower()}",
                aggregate="max",
                where={"unit": {"in": [unit]}},
                **settings,
            )
        )
    scenario.sell(*prices)
    for unit in limits:
        if unit in usage:
            scenario.use(usage.number(unit) or "0", unit=unit)
    if billed_amount is not None:
        scenario.opening("plan", prices[0]["id"], amount=billed_amount)
    expected.take("amount")
    scenario.read("amount", bill_major())


# -- cycles -----------------------------------------------------------------------------------------------------------


def _fee(amount: str, every: str, cycle_day: int, *, price_id: str = "fee", days: str | None = None) -> dict[str, Any]:
    return fee(
        amount,
        price_id=price_id,
        charged="in_advance",
        every=every,
        cycle_day=str(cycle_day),
        proration={"divisor": days or "stepping", "factor_decimals": "9"},
    )


def _day(text: str) -> date:
    return date.fromisoformat(text)


def _cycles(scenario: Scenario, params: Fields, usage: Fields, expected: Fields) -> None:
    params.remark("mode", known=lambda text: text == "in advance")
    every = params.one_of("billing_period", _EVERY)
    days = params.one_of("days_in_month", {"fixed 30": "thirty_days"}, None)
    scenario.offer(_fee("1", every, params.whole("bill_cycle_day"), days=days))
    start, target, end = _day(usage.take("start")), _day(usage.take("target_date")), usage.take("end")
    scenario.period(min(start, target), target + _ONE_DAY)
    if end is None or _day(end) > start:
        scenario.have(
            "plan", start=scenario.midnight(start), end=scenario.midnight(_day(end)) if end is not None else None
        )
    expected.take("cycles")
    # The same figure as a sum of fractions, for people.
    expected.remark("as_fractions")
    scenario.read("cycles", line_column("period_factor"))


def _part_of_a_cycle(scenario: Scenario, params: Fields, usage: Fields, expected: Fields) -> None:
    """One part alone: before the first billing day, or after the last one, as the test's name says."""
    every = params.one_of("billing_period", _EVERY)
    days = params.one_of("days_in_month", {"fixed 30": "thirty_days"}, None)
    start, end = _day(usage.take("from")), _day(usage.take("to"))
    expected.take("cycles")
    if (end.year * 12 + end.month, end.day) > (start.year * 12 + start.month + _MONTHS[every], start.day):
        raise NotApplicable(
            "a helper's inner figure: days of several months over the days of one; a fee is charged cycle by cycle"
        )
    is_before = "before" in f"{scenario.case.origin} {scenario.case.notes}".lower()
    scenario.offer(_fee("1", every, end.day if is_before else start.day, days=days))
    scenario.period(start, start + _ONE_DAY)
    scenario.have("plan", start=scenario.midnight(start), end=None if is_before else scenario.midnight(end))
    scenario.read("cycles", line_column("period_factor"))


def _rates(scenario: Scenario, params: Fields, usage: Fields, expected: Fields) -> None:
    """Amounts of plans, each with its own billing day; a plan ends where the next one starts."""
    if "rate" in params:
        start, end = _day(usage.take("start" if "start" in usage else "from")), _day(usage.take("to"))
        scenario.offer(_fee(params.number("rate") or "0", "month", params.whole("bill_cycle_day")))
        scenario.period(start, end)
        scenario.have("plan", start=scenario.midnight(start))
    else:
        found = [_RATE.fullmatch(str(text)) for text in params.items("rates")]
        if None in found:
            raise NotTranslated(f"unknown params.rates: {params.take('rates')}")
        rates = [(match[1], _day(match[2]), int(match[3])) for match in found if match]
        target = _day(usage.take("target_date"))
        scenario.period(min(start for _, start, _ in rates), target + _ONE_DAY)
        ends = [*(start for _, start, _ in rates[1:]), None]
        for number, ((amount, start, cycle_day), end) in enumerate(zip(rates, ends, strict=True)):
            name = f"plan-{number}"
            scenario.offer(_fee(amount, "month", cycle_day), name=name)
            scenario.have(name, start=scenario.midnight(start), end=scenario.midnight(end) if end else None)
    expected.take("amount")
    scenario.read("amount", bill_major())
