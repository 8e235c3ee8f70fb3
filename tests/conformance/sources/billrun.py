"""BillRun's words: steps with intervals, months between dates, a plan's price by the overlap of two spans.

A step takes at most ``to - from`` of what is left, wherever it stands; beyond the last step nothing is charged; a
negative volume costs the negated amount. Both days of a span count, a part of a month is days over the days of it.
"""

from datetime import date, timedelta
from typing import Any

from tests.conformance.fields import Fields, NotTranslated, words_of
from tests.conformance.readings import bill_major, line_column, line_exact
from tests.conformance.scenario import LONG_AGO, Scenario, fee, usage_price

_UNLIMITED = (None, "UNLIMITED", "unlimited")
# Offsets are in months from the activation, which may be any first of a month.
ACTIVATION = date(2000, 1, 1)
_MONTHS_RULE = "inclusive days; part month = days / days in that month"


def translate(scenario: Scenario) -> None:
    """Fill in the scenario of a BillRun case."""
    with words_of(scenario.case) as (params, usage, expected):
        if "steps" in params:
            _steps(scenario, params, usage, expected)
        elif "price_per_month" in params:
            _plan(scenario, params, usage, expected)
        elif "rule" in params:
            _months(scenario, params, usage, expected)
        else:
            raise NotTranslated(f"unknown model {scenario.case.model}")


def _steps(scenario: Scenario, params: Fields, usage: Fields, expected: Fields) -> None:
    access_price = params.number("access_price", "0")
    tiers = []
    for number, step in enumerate(params.each("steps")):
        interval = step.number("interval")
        rounds_up = step.take("ceil", True)
        to = step.take("to")
        start = step.number("from") or "0"
        tier: dict[str, Any] = {
            "unit_amount": step.number("price"),
            "per_quantity": interval,
        }
        if rounds_up is True:
            tier["block_size"] = interval
        elif rounds_up is not False:
            raise NotTranslated(f"unknown {step.name}.ceil: {rounds_up!r}")
        if to not in _UNLIMITED:
            tier |= {"from": start, "up_to": step.number("to")}
        if number == 0 and access_price != "0":
            tier["flat_amount"] = access_price
        tiers.append(tier)
    tariff = {"model": "graduated", "tiers": tiers, "below_zero": "mirrored"}
    if "up_to" in tiers[-1]:
        tariff["beyond_last"] = "free"
    scenario.sell(usage_price(tariff))
    scenario.use(usage.number("quantity") or "0")
    expected.take("amount")
    scenario.read("amount", line_exact())


def _monthly(amount: str) -> dict[str, Any]:
    """A fee for calendar months in arrears; a part of a month is days over the days of that month."""
    return fee(amount, charged="in_arrears", every="month", anchor="calendar")


def _months(scenario: Scenario, params: Fields, usage: Fields, expected: Fields) -> None:
    params.remark("rule", known=lambda text: text == _MONTHS_RULE)
    first, last = (date.fromisoformat(usage.take(key)) for key in ("from", "to"))
    expected.take("months")
    # `exact` is the fraction of which `months` shows the first digits; `tolerance` is the peer's own.
    expected.remark("exact", "tolerance")
    scenario.offer(_monthly("1"))
    scenario.period(min(first, last), max(first, last) + timedelta(days=1))
    if first <= last:
        scenario.have("plan", start=scenario.midnight(first), end=scenario.midnight(last + timedelta(days=1)))
    scenario.read("months", line_column("period_factor"))


def _plan(scenario: Scenario, params: Fields, usage: Fields, expected: Fields) -> None:
    price = params.number("price_per_month") or "0"
    valid_from, valid_to = _offset(params, "valid_from"), _offset(params, "valid_to")
    start, end = _offset(usage, "start_offset"), _offset(usage, "end_offset")
    expected.take("amount")
    entry = _monthly(price)
    entry["versions"] = _versions(price, valid_from, valid_to)
    scenario.offer(entry)
    if start is None:
        raise NotTranslated("usage.start_offset is unlimited")
    last = end or date(2099, 1, 1)
    scenario.period(min(start, last), max(start, last) if start != last else last + timedelta(days=1))
    if start < last:
        scenario.have("plan", start=scenario.midnight(start), end=scenario.midnight(last))
    scenario.read("amount", bill_major())


def _versions(price: str, valid_from: date | None, valid_to: date | None) -> list[dict[str, Any]]:
    """The price in its span of validity, and nothing before and after it."""

    def version(amount: str, start: str, end: date | None) -> dict[str, Any]:
        until = {"effective_until": end.isoformat()} if end else {}
        return {"effective_from": start, **until, "tariff": {"model": "flat", "amount": amount}}

    versions = []
    if valid_from is not None:
        versions.append(version("0", LONG_AGO, valid_from))
    versions.append(version(price, valid_from.isoformat() if valid_from else LONG_AGO, valid_to))
    if valid_to is not None:
        versions.append(version("0", valid_to.isoformat(), None))
    return versions


def _offset(fields: Fields, key: str) -> date | None:
    """The day so many whole months after the activation."""
    if fields.take(key) in _UNLIMITED:
        return None
    years, months = divmod(fields.whole(key), 12)
    return date(ACTIVATION.year + years, months + 1, 1)
