"""Lago's metrics that go on: quantities carried from month to month, prorated by the days they are held.

Each event is walked through the tiers with its full quantity and priced in proportion; flat fees stay whole for every
tier ever reached. A removed item is charged on the day of its removal, a lowered sum is not.
"""

from datetime import date, datetime, timedelta
from typing import Any

from tests.conformance.fields import Fields, NotTranslated
from tests.conformance.scenario import Scenario, calendar_period, usage_price
from tests.conformance.sources import lago

_BY_EVENT = "per event: each event's slice of a tier is scaled by prorated/full units"
_BY_DAYS = ("day count, event day and last day of month inclusive", "days incl. add day and remove day / days in month")
_FLATS = "not prorated, once per tier reached"


def translate(scenario: Scenario, params: Fields, usage: Fields, expected: Fields) -> None:
    """Fill in the scenario of a metric that is prorated or carried over."""
    params.take("recurring", False)
    params.take("prorated", False)
    params.remark("flats", known=lambda text: text == _FLATS)
    params.remark("proration", known=lambda text: text in (_BY_EVENT, *_BY_DAYS))
    params.remark("tier_selected_by", known=lambda text: text == "full (unprorated) quantity")
    params.remark("bounds", known=lago.known_bounds)
    pays_in_advance = params.flag("pay_in_advance")
    tariff = _tariff(scenario, params)
    aggregation = params.one_of(
        "aggregation", {"unique_count": "unique_count", "sum": "sum", "time-weighted sum": "weighted_sum"}, "sum"
    )
    settings: dict[str, Any] = {"aggregate": aggregation}
    if "events_full" in usage or "full_quantity" in usage:
        settings |= {"prorated": {"by": "characteristic", "characteristic": "prorated"}}
    elif aggregation == "weighted_sum":
        settings["recurring"] = True
    else:
        settings |= {"recurring": True, "prorated": {"by": "days_left"}}
    if aggregation == "unique_count":
        settings["characteristic"] = "item"
        settings["removal"] = {"characteristic": "operation", "in": ["remove"]}
    if "ceil" in scenario.case.units:
        settings["rounding"] = [{"at": "line", "method": "up", "decimals": "2"}]
    if pays_in_advance:
        settings |= lago.AT_EVENT
    price = usage_price(tariff, **settings)
    if "items" in usage:
        _items(scenario, usage, price)
    elif "events_full" in usage:
        _given_proration(scenario, usage, price)
    elif "full_quantity" in usage:
        scenario.sell(price)
        scenario.use(usage.number("full_quantity") or "0", prorated=usage.number("quantity") or "0")
    elif "billed_days" in usage:
        _terminated(scenario, usage, price)
    else:
        _dated_events(scenario, usage, price)
    lago.read_charge(scenario, expected)


def _tariff(scenario: Scenario, params: Fields) -> dict[str, Any]:
    if "tiers" in params:
        entries = [Fields(f"params.tiers[{number}]", tier) for number, tier in enumerate(params.items("tiers"))]
        model = "volume" if scenario.case.model == "volume" else "graduated"
        tariff = {"model": model, "tiers": lago.tiers(entries)}
        for entry in entries:
            entry.refuse_unknown()
        return tariff
    return {"model": "per_unit", "unit_amount": params.number("unit_amount")}


def _given_proration(scenario: Scenario, usage: Fields, price: dict[str, Any]) -> None:
    scenario.sell(price)
    full, prorated = usage.numbers("events_full"), usage.numbers("events_prorated")
    if len(full) != len(prorated):
        raise NotTranslated("usage.events_full and usage.events_prorated are not of one length")
    for quantity, part in zip(full, prorated, strict=True):
        scenario.use(quantity, prorated=part)


def _month_of(day: date) -> tuple[date, date]:
    first = day.replace(day=1)
    return first, (first + timedelta(days=32)).replace(day=1)


def _period(scenario: Scenario, usage: Fields, some_day: date | None) -> None:
    """The period that the case tells (last day inclusive), or the month of its first event."""
    if "period" in usage:
        first, last = (date.fromisoformat(text) for text in usage.items("period"))
        scenario.period(first, last + timedelta(days=1))
    elif "period_start" in usage:
        scenario.period(*_month_of(date.fromisoformat(usage.take("period_start"))))
    elif some_day is not None:
        scenario.period(*_month_of(some_day))


def _dated_events(scenario: Scenario, usage: Fields, price: dict[str, Any]) -> None:
    dated = (
        [(event.take("date"), event.number("delta") or "0") for event in usage.each("events")]
        if "events" in usage
        else []
    )
    _period(scenario, usage, date.fromisoformat(str(dated[0][0])[:10]) if dated else None)
    scenario.sell(price)
    carried_over = usage.number("carried_over_quantity", None)
    if carried_over is not None:
        scenario.opening("plan", "usage", quantity=carried_over, day=scenario.periods[0][0])
    for number, (at, delta) in enumerate(dated):
        scenario.use(delta, at=_instant(scenario, str(at), number))


def _instant(scenario: Scenario, text: str, number: int) -> datetime:
    """The instant of an event: of a day alone its first seconds, in the order of the case."""
    if len(text) == 10:
        return scenario.midnight(date.fromisoformat(text)) + timedelta(seconds=number)
    return datetime.fromisoformat(text)


def _items(scenario: Scenario, usage: Fields, price: dict[str, Any]) -> None:
    """Items that are added and removed: what is there from before the period is carried over."""
    _period(scenario, usage, None)
    scenario.sell(price)
    changes: list[tuple[str, int, str, str]] = []
    for number, item in enumerate(usage.each("items")):
        # The place that an item takes is counted from those that are there when it comes.
        item.remark("slot")
        start, end = item.take("from"), item.take("to")
        name = f"item-{number}"
        if start is None:
            scenario.opening("plan", "usage", quantity="1", day=scenario.periods[0][0], value=name)
        else:
            changes.append((start, number, name, "add"))
        if end is not None:
            changes.append((end, number, name, "remove"))
    for order, (day, _, name, operation) in enumerate(sorted(changes)):
        scenario.use("1", at=_instant(scenario, day, order), item=name, operation=operation)


def _terminated(scenario: Scenario, usage: Fields, price: dict[str, Any]) -> None:
    """A quantity that is there for the last days of a period."""
    billed_days, period_days = usage.whole("billed_days"), usage.whole("period_days")
    _, start, end = calendar_period(period_days)
    scenario.period(start, end)
    scenario.sell(price)
    first_day = end - timedelta(days=billed_days)
    scenario.use(usage.number("quantity") or "0", at=scenario.midnight(first_day) + timedelta(seconds=1))
