"""CGRateS's words: rate slots by the second of the call, time bands with weights, prefixes, rounding of the total.

A span between two changes is rounded up to whole increments and may swallow the start of the next; the price of one
increment is rounded before it is multiplied. The connect fee belongs to the band in which the call starts.
"""

from datetime import UTC, datetime, timedelta
from typing import Any

from tests.conformance.fields import Fields, NotApplicable, NotTranslated, words_of
from tests.conformance.readings import line_exact, line_exact_or_no_price, parts_column
from tests.conformance.scenario import Scenario, ends_of, usage_price

_SPECIFICATION = {"voice": "call", "data": "session", "sms": "session"}
_METHOD = {"*up": "up", "*middle": "half_up", "*down": "down"}
# Where a peer rounds to more decimals than prices have, it rounds nothing.
_MOST_DECIMALS = 10


def translate(scenario: Scenario) -> None:
    """Fill in the scenario of a CGRateS case."""
    with words_of(scenario.case) as (params, usage, expected):
        if scenario.case.model == "prepaid":
            raise NotApplicable("how many seconds a balance grants: charging online, before the call is over")
        if "free_seconds" in params:
            _free_seconds(scenario, params, usage, expected)
        elif "slots" in params:
            _slots_alone(scenario, params, usage, expected)
        else:
            _rating_plan(scenario, params, usage, expected)


def _rating_plan(scenario: Scenario, params: Fields, usage: Fields, expected: Fields) -> None:
    params.remark("days", known=lambda text: text == "1=Monday")
    settings: dict[str, Any] = {"rounding": _roundings(params)}
    if params.one_of("max_cost_strategy", {"*free": True, "*disconnect": False}, False):
        settings["event_maximum"] = params.number("max_cost")
    # Otherwise a maximum limits how long a call may last, not what a finished one costs.
    params.take("max_cost", None)
    bands = [_band(band) for band in params.each("bands")]
    if len(bands) == 1 and bands[0]["days"] == "all" and bands[0]["start"] == "00:00:00" and "dates" not in bands[0]:
        price = usage_price(bands[0]["tariff"], counter="event", **_connect_fee(bands[0]), **settings)
    else:
        price = usage_price(bands[0]["tariff"], counter="event", time_bands=bands, **settings)
        del price["versions"]
    specification = usage.one_of("type", _SPECIFICATION, "call")
    price["usage"] = specification
    destination = str(usage.take("destination", "")).removeprefix("+")
    if "prefixes" in params:
        zones = params.take("prefixes")
        scenario.zone_lists["destinations"] = [
            (zone.lower().replace("_", "-"), prefix.removeprefix("+")) for zone in zones for prefix in zones[zone]
        ]
        names = list(dict.fromkeys(zone for zone, _ in scenario.zone_lists["destinations"]))
        # The bands are those of the destination that the number belongs to; a number that belongs to none has no price.
        price["where"] = {"destination": {"zone_list": scenario.name("destinations"), "in": names}}
    _one_call(scenario, usage, price, specification, destination)
    expected.take("amount")
    scenario.read("amount", line_exact_or_no_price())


def _band(band: Fields) -> dict[str, Any]:
    days = str(band.take("days"))
    slots = [Fields(f"{band.name}.slots[{number}]", slot) for number, slot in enumerate(band.items("slots"))]
    made = {
        "days": "all" if days == "all" else list(days),
        "start": str(band.take("start")),
        "weight": band.number("weight", "0"),
        **_slots(slots),
    }
    month_day = band.take("month_day", None)
    if month_day is not None:
        made["dates"] = [month_day]
    return made


def _slots(slots: list[Fields]) -> dict[str, Any]:
    """The tariff of a band's slots, and the connect fee of its first."""
    tiers, starts, connect_fee = [], [], "0"
    for number, slot in enumerate(slots):
        fee = slot.number("connect_fee", "0") or "0"
        if number == 0:
            connect_fee = fee
        elif fee != "0":
            raise NotTranslated(f"{slot.name}.connect_fee: {fee}, known is one at the start of the call")
        starts.append(slot.number("from_second") or "0")
        tiers.append(
            {
                "unit_amount": slot.number("rate"),
                "per_quantity": slot.number("rate_unit"),
                "block_size": slot.number("increment"),
            }
        )
        slot.refuse_unknown()
    tiers = [end | tier for end, tier in zip(ends_of(starts), tiers, strict=True)]
    made: dict[str, Any] = {"tariff": {"model": "graduated", "tiers": tiers}}
    return made | ({"event_amount": connect_fee} if connect_fee != "0" else {})


def _connect_fee(band: dict[str, Any]) -> dict[str, Any]:
    return {"event_amount": band["event_amount"]} if "event_amount" in band else {}


def _roundings(params: Fields) -> list[dict[str, str]]:
    """The price of an increment is rounded before it is multiplied, then the total of the call."""
    found = []
    decimals = params.take("increment_price_decimals")
    if decimals != "not rounded":
        found.append({"at": "increment", "method": "half_up", "decimals": decimals})
    words = str(params.take("total_rounding", "none"))
    if words != "none":
        method, _, decimals = words.partition(" ")
        if method not in _METHOD or not decimals.isdigit():
            raise NotTranslated(f"unknown params.total_rounding: {words!r}")
        if int(decimals) <= _MOST_DECIMALS:
            found.append({"at": "event", "method": _METHOD[method], "decimals": decimals})
    return found


def _one_call(
    scenario: Scenario, usage: Fields, price: dict[str, Any], specification: str, destination: str = ""
) -> None:
    start = usage.take("start", None)
    at = datetime.fromisoformat(start).replace(tzinfo=UTC) if start else None
    if at is not None:
        scenario.period(at.date(), at.date() + timedelta(days=2))
    quantity = usage.number("units" if "units" in usage else "duration_seconds") or "0"
    scenario.sell(price)
    values = {"destination": destination} if destination else {}
    scenario.use(quantity, at=at, of=specification, **values)


def _free_seconds(scenario: Scenario, params: Fields, usage: Fields, expected: Fields) -> None:
    increment = params.number("increment")
    tariff = {
        "model": "graduated",
        "tiers": [
            {
                "unit_amount": params.number("rate"),
                "per_quantity": params.number("rate_unit"),
                "block_size": increment,
            }
        ],
    }
    price = usage_price(tariff, usage="call", allowance="free")
    scenario.offer(price, allowances=[{"id": "free", "quantity": params.number("free_seconds")}])
    scenario.have("plan")
    scenario.use(usage.number("duration_seconds") or "0", of="call")
    expected.take("amount")
    scenario.read("amount", line_exact())


def _slots_alone(scenario: Scenario, params: Fields, usage: Fields, expected: Fields) -> None:
    slots = [Fields(f"params.slots[{number}]", slot) for number, slot in enumerate(params.items("slots"))]
    made = _slots(slots)
    price = usage_price(made["tariff"], usage="call", counter="event", **_connect_fee(made))
    _one_call(scenario, usage, price, "call")
    for key, reading in (
        ("amount", line_exact()),
        ("parts", parts_column("amount_exact")),
        ("span_ends_seconds", parts_column("charged_until_quantity")),
    ):
        if key in expected:
            expected.take(key)
            scenario.read(key, reading)
