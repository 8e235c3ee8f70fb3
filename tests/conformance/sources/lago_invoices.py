"""Lago's invoices: minimums, commitments, coupons, taxes, progressive billing."""

import re
from datetime import date, timedelta
from typing import Any

from tests.conformance.fields import Fields, NotTranslated, decimal_text
from tests.conformance.readings import (
    EACH,
    bill_minor,
    bill_tax_minor,
    billed_before_minor,
    line_column,
    line_minor,
    lines_column,
)
from tests.conformance.scenario import LONG_AGO, Scenario, calendar_period, fee, minimum_price, tax_id, usage_price
from tests.conformance.sources.cents import units_of_cents
from tests.conformance.sources.lago_fees import plan_fee

_PART_OF_AN_AMOUNT = re.compile(r"([0-9.]+) x ([0-9]+)/([0-9]+)")
_UNITS = re.compile(r"(?:another )?([0-9]+) units.*")
_FEES = re.compile(r"fees? ([0-9]+)(?:(?:-([0-9]+))|((?:,[0-9]+)*))")
_TAX_OF_FEES = re.compile(r"([0-9.]+) \(fees? ([0-9,]+)\)")
TRUE_UP = "minimum"


def minimum(scenario: Scenario, params: Fields, usage: Fields, expected: Fields) -> None:
    """The least that a charge costs in a period; usage is not prorated, the minimum is."""
    price = usage_price({"model": "per_unit", "unit_amount": "1"})
    least = minimum_price(units_of_cents(params.number("minimum_cents") or "0"), counts=["usage"])
    start = end = None
    if "billed_days" in params:
        first, last = (date.fromisoformat(text) for text in params.items("billed_days"))
        _, period_start, period_end = _month_around(first, params.whole("full_period_days"))
        scenario.period(period_start, period_end)
        start, end = scenario.midnight(first), scenario.midnight(last + timedelta(days=1))
    scenario.sell(price, least, start=start, end=end)
    at = start + timedelta(seconds=1) if start else None
    scenario.use(units_of_cents(usage.number("used_cents") or "0"), at=at)
    expected.take("amount")
    # The same before rounding, as far as the peer's numbers go.
    expected.remark("precise")
    scenario.read("amount", line_minor(charge_kind=TRUE_UP))


def _month_around(day: date, days: int) -> tuple[str, date, date]:
    first = day.replace(day=1)
    following = (first + timedelta(days=32)).replace(day=1)
    if (following - first).days != days:
        raise NotTranslated(f"the month of {day} has not {days} days")
    return "month", first, following


def commitment(scenario: Scenario, params: Fields, usage: Fields, expected: Fields) -> None:
    """The least that a plan costs: commitment and fee by days, each rounded; what else was billed counts towards it."""
    params.remark("proration", known=lambda text: text == "inclusive days / days in full period")
    days = params if "billed_days" in params else usage
    billed_days, period_days = days.whole("billed_days"), days.whole("period_days")
    every, start, end = calendar_period(period_days)
    scenario.period(start, end)
    cents = params.number("plan_fee_cents", "0") or "0"
    prices = [plan_fee(cents, every)] if cents != "0" else []
    used = usage.number("usage_fees_cents", "0") or "0"
    prices.append(usage_price({"model": "per_unit", "unit_amount": "1"}))
    prices.append(minimum_price(units_of_cents(params.number("commitment_cents") or "0"), every))
    first_day = end - timedelta(days=billed_days)
    scenario.sell(*prices, start=scenario.midnight(first_day))
    if used != "0":
        scenario.use(units_of_cents(used), at=scenario.midnight(first_day) + timedelta(seconds=1))
    expected.take("amount")
    scenario.read("amount", line_minor(charge_kind=TRUE_UP))


def tax(scenario: Scenario, params: Fields, usage: Fields, expected: Fields) -> None:
    """Net and tax, each rounded from the precise amount."""
    if "tax1_percent" in params:
        _taxes_of_some_fees(scenario, params, usage, expected)
        return
    if "credited_amount_cents" in usage:
        _credit_note(scenario, params, usage, expected)
        return
    coupon = params.number("coupon_cents", "0") or "0"
    _one_time(scenario, usage.number("fee_cents") or "0", "plan", "+".join(params.numbers("tax_percents")))
    if coupon != "0":
        _coupon(scenario, 1, coupon, None)
    expected.take("amount")
    scenario.read("amount", bill_minor("tax_minor"))


def _taxes_of_some_fees(scenario: Scenario, params: Fields, usage: Fields, expected: Fields) -> None:
    """Each tax says of which fees it is taken, as in ``10 (fees 1,2)``."""
    rates: dict[str, list[str]] = {}
    taxes = 0
    while f"tax{taxes + 1}_percent" in params:
        taxes += 1
        text = str(params.take(f"tax{taxes}_percent"))
        found = _TAX_OF_FEES.fullmatch(text)
        if not found:
            raise NotTranslated(f"unknown tax of fees: {text!r}")
        for fee_number in found[2].split(","):
            rates.setdefault(fee_number, []).append(found[1])
    for number, cents in enumerate(usage.numbers("fees_cents"), start=1):
        _one_time(scenario, cents, _fee_name(number), "+".join(rates.get(str(number), ["0"])))
    coupon = params.number("coupon_cents", "0") or "0"
    if coupon != "0":
        _coupon(scenario, 1, coupon, None)
    for number in range(1, taxes + 1):
        expected.take(f"tax{number}")
        scenario.read(f"tax{number}", bill_tax_minor(tax_id(number)))
    expected.take("total_tax")
    scenario.read("total_tax", bill_minor("tax_minor"))


def _credit_note(scenario: Scenario, params: Fields, usage: Fields, expected: Fields) -> None:
    params.remark("rounding", known=lambda text: text.startswith("net and tax are rounded separately"))
    rate = params.number("tax_percent") or "0"
    text = str(usage.take("credited_amount_cents"))
    found = _PART_OF_AN_AMOUNT.fullmatch(text)
    if found:
        every, start, end = calendar_period(int(found[3]))
        scenario.period(start, end)
        first_day = end - timedelta(days=int(found[2]))
        scenario.sell(plan_fee(found[1], every), start=scenario.midnight(first_day), tax_percent=rate)
    else:
        _one_time(scenario, decimal_text(text, "usage.credited_amount_cents"), "plan", rate)
    for key, column in (("net", "net_minor"), ("tax", "tax_minor"), ("total", "gross_minor")):
        if key in expected:
            expected.take(key)
            scenario.read(key, bill_minor(column))


def _one_time(scenario: Scenario, cents: str, name: str, tax_percent: str) -> None:
    scenario.sell(
        fee(units_of_cents(cents), kind="one_time"),
        name=name,
        start=scenario.after_start(1),
        tax_percent=tax_percent,
    )


def coupons(scenario: Scenario, params: Fields, usage: Fields, expected: Fields) -> None:
    """Coupons in order, each spread over the fees it is for in proportion to what earlier ones left."""
    if "base_cents" in usage:
        _one_time(scenario, usage.number("base_cents") or "0", "fee-01", "0")
        _coupon(scenario, 1, params.number("amount") or "0", None)
        expected.take("amount")
        scenario.read("amount", line_column("coupon_minor"))
        return
    fees = usage.numbers("fees_cents")
    rates = params.numbers("tax_percent_per_fee")
    for number, (cents, rate) in enumerate(zip(fees, rates, strict=True), start=1):
        _one_time(scenario, cents, _fee_name(number), rate)
    if "coupons" in params:
        for number, entry in enumerate(params.each("coupons"), start=1):
            _coupon(scenario, number, entry.number("amount") or "0", _limited_to(entry.take("limited_to"), len(fees)))
    else:
        _coupon(scenario, 1, params.number("coupon_cents") or "0", None)
    for key, reading in (
        ("precise_coupon_per_fee", lines_column("coupon_exact_minor")),
        ("coupon_per_fee", lines_column("coupon_minor")),
        ("tax_per_fee", lines_column("tax_minor")),
        ("coupons_total", bill_minor("coupon_minor")),
        ("net", bill_minor("net_minor")),
        ("tax_total", bill_minor("tax_minor")),
        ("total", bill_minor("gross_minor")),
    ):
        if key in expected:
            expected.take(key)
            scenario.read(key, reading)


def _fee_name(number: int) -> str:
    return f"fee-{number:02d}"


def _limited_to(text: str, count: int) -> list[str] | None:
    """The fees that a coupon is for; None for all."""
    if text == "all fees":
        return None
    found = _FEES.fullmatch(text)
    if not found:
        raise NotTranslated(f"unknown limited_to: {text!r}")
    first, last, others = int(found[1]), found[2], found[3]
    numbers = range(first, int(last) + 1) if last else [first, *(int(entry) for entry in (others or "").split(",")[1:])]
    return [_fee_name(number) for number in numbers if number <= count]


def _coupon(scenario: Scenario, number: int, cents: str, products: list[str] | None) -> None:
    """A coupon that the account has had for long; one that is for some products only comes before one for all."""
    covered = {"products": "|".join(map(scenario.product_id, products))} if products else {}
    scenario.record(
        "coupons",
        coupon_id=f"coupon-{number}",
        account_id=scenario.account_id(),
        effective_from=f"{LONG_AGO}T00:00:00Z",
        amount=units_of_cents(cents),
        currency_code=scenario.currency,
        priority=str(number),
        **covered,
    )


def progressive(scenario: Scenario, params: Fields, usage: Fields, expected: Fields) -> None:
    """Invoices during a month whenever usage reaches a threshold; each bills all so far less what was billed."""
    # The threshold decides when an invoice is cut; the invoices are there already.
    params.remark("threshold_cents", "thresholds_cents")
    plan: dict[str, Any] = plan_fee(params.number("plan_cents") or "0", "month", charged="in_arrears")
    if "invoices" in usage:
        found = [_UNITS.fullmatch(text) for text in usage.items("invoices")]
        if None in found:
            raise NotTranslated(f"unknown usage.invoices: {usage.take('invoices')!r}")
        quantities = [match[1] for match in found if match]
        unit_amount = params.number("unit_amount") or "0"
    else:
        from tests.conformance.sources.openmeter import consumption

        readings = usage.numbers("cumulative_usage_cents")
        quantities = [units_of_cents(cents) for cents in consumption(readings)]
        unit_amount = "1"
    charge = usage_price({"model": "per_unit", "unit_amount": unit_amount}, counter="month", billed="cumulative")
    cuts = [date(2025, 1, 1 + 5 * number) for number in range(len(quantities))]
    scenario.periods = list(zip(cuts, [*cuts[1:], date(2025, 2, 1)], strict=True))
    scenario.sell(plan, charge)
    for number, quantity in enumerate(quantities):
        if quantity != "0":
            scenario.use(quantity, at=scenario.after_start(60, number))
    expected.take("parts")
    scenario.read("parts", bill_minor(step=EACH))
    expected.take("credit")
    scenario.read("credit", billed_before_minor())
