"""Lago's plan fees: inclusive local days over the days of the whole period, trials, terminations with credits.

A case that only counts days gets a calendar period of so many days and a product for the last ones of it.
"""

import re
from datetime import date, datetime, timedelta
from typing import Any

from tests.conformance.fields import Fields, NotApplicable, NotTranslated
from tests.conformance.readings import bill_minor, given_back_minor, line_minor
from tests.conformance.scenario import Scenario, calendar_period, fee
from tests.conformance.sources.cents import units_of_cents

_RULE = "inclusive days / days in the full period"
_START = re.compile(r"([0-9]{4}-[0-9]{2}-[0-9]{2})( \([A-Za-z]+\))?")
_WEEK = "calendar week (Mon-Sun)"


def plan_fee(cents: str, every: str, *, price_id: str = "fee", charged: str = "in_advance", **more: Any):
    """A plan's fee: calendar periods, days counted inclusively over those of the whole period."""
    return fee(
        units_of_cents(cents), price_id=price_id, charged=charged, every=every, anchor="calendar", **more,
    )  # fmt: skip


def translate(scenario: Scenario, params: Fields, usage: Fields, expected: Fields) -> None:
    """Fill in the scenario of a plan fee for part of a period."""
    params.remark("rule", known=lambda text: text == _RULE)
    if "plan_cents" in params:
        raise NotApplicable(
            "a termination of a plan paid in advance that also bills usage: the peer nets the credit note against the "
            "invoice, here both are lines of one bill"
        )
    if "unused_days" in usage:
        _credit_of_the_rest(scenario, params, usage, expected)
        return
    tax_percent = params.number("tax_percent", "0") or "0"
    params.take("pay_in_advance", False)
    cents = params.number("period_amount_cents") or "0"
    if "timezone" in params:
        _local_start(scenario, params, usage, cents)
    elif "period" in usage:
        _dated(scenario, usage, cents, tax_percent)
    else:
        _counted(scenario, params, usage, cents, tax_percent)
    expected.take("amount")
    scenario.read("amount", bill_minor("gross_minor" if tax_percent != "0" else "net_minor"))


def _local_start(scenario: Scenario, params: Fields, usage: Fields, cents: str) -> None:
    params.remark("interval", known=lambda text: text == _WEEK)
    scenario.time_zone = params.take("timezone")
    start = datetime.fromisoformat(usage.take("start_utc").replace("Z", "+00:00"))
    local_day = scenario.local_date(start)
    monday = local_day - timedelta(days=local_day.weekday())
    scenario.period(monday, monday + timedelta(days=7))
    scenario.sell(plan_fee(cents, "week"), start=start)


def _dated(scenario: Scenario, usage: Fields, cents: str, tax_percent: str) -> None:
    first, last = (date.fromisoformat(text) for text in usage.items("period"))
    start, end = date.fromisoformat(usage.take("from")), date.fromisoformat(usage.take("to"))
    every, _, _ = calendar_period((last - first).days + 1)
    scenario.period(first, last + timedelta(days=1))
    scenario.sell(
        plan_fee(cents, every),
        start=scenario.midnight(start),
        end=scenario.midnight(end + timedelta(days=1)) if end != last else None,
        tax_percent=tax_percent,
    )


def _counted(scenario: Scenario, params: Fields, usage: Fields, cents: str, tax_percent: str) -> None:
    billed_days, period_days = usage.whole("billed_days"), usage.whole("period_days")
    every, start, end = calendar_period(period_days)
    trial_days = params.number("trial_days", None)
    first_day = _start_day(params)
    week = params.take("week", None)
    if params.take("billed_boundaries", None) is not None:
        # The days are those between the boundaries, whatever trial and start were.
        first_day, trial_days = None, None
    if week is not None:
        start, end = date.fromisoformat(week[0]), date.fromisoformat(week[1]) + timedelta(days=1)
    elif first_day is not None:
        start, end = _period_around(every, first_day)
        if (end - start).days != period_days:
            raise NotTranslated(f"a {every} around {first_day} has not {period_days} days")
    scenario.period(start, end)
    if first_day is None:
        first_day = start if trial_days is not None else end - timedelta(days=billed_days)
    price = plan_fee(cents, every, **({"trial": True} if trial_days else {}))
    scenario.sell(
        price,
        start=scenario.midnight(first_day),
        tax_percent=tax_percent,
        **({"trial_days": trial_days} if trial_days else {}),
    )


def _start_day(params: Fields) -> date | None:
    text = params.take("start", None)
    if text is None:
        return None
    found = _START.fullmatch(text)
    if not found:
        raise NotTranslated(f"unknown params.start: {text!r}")
    return date.fromisoformat(found[1])


def _period_around(every: str, day: date) -> tuple[date, date]:
    if every == "week":
        monday = day - timedelta(days=day.weekday())
        return monday, monday + timedelta(days=7)
    months = {"month": 1, "quarter": 3, "half_year": 6, "year": 12}[every]
    first = date(day.year, (day.month - 1) // months * months + 1, 1)
    following = first.month - 1 + months
    return first, date(first.year + following // 12, following % 12 + 1, 1)


def _credit_of_the_rest(scenario: Scenario, params: Fields, usage: Fields, expected: Fields) -> None:
    """A fee charged in advance is credited for the days that are left; the same bill has other fees."""
    tax_percent = params.number("tax_percent", "0") or "0"
    unused_days, period_days = usage.whole("unused_days"), usage.whole("period_days")
    every, start, end = calendar_period(period_days)
    scenario.period(start, end)
    cents = params.number("period_amount_cents") or "0"
    other = usage.number("usage_fees_cents", "0") or "0"
    scenario.offer(plan_fee(cents, every), tax_percent=tax_percent)
    scenario.have(
        "plan",
        start=scenario.midnight(start),
        end=scenario.midnight(end - timedelta(days=unused_days)),
    )
    scenario.billed_in_advance("plan", "fee", until=end, amount=units_of_cents(cents))
    scenario.sell(
        fee(units_of_cents(other), kind="one_time"),
        name="usage",
        start=scenario.midnight(start),
        tax_percent=tax_percent,
    )
    expected.take("amount")
    scenario.read("amount", bill_minor("gross_minor"))
    if "credit" in expected:
        expected.take("credit")
        scenario.read("credit", given_back_minor())


__all__ = ["line_minor", "plan_fee", "translate"]
