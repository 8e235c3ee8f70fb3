"""CGRateS's words: rate slots by the second of the call, time bands with weights, prefixes, rounding of the total.

A span between two changes is rounded up to whole increments and may swallow the start of the next; the price of one
increment is rounded before it is multiplied. The connect fee belongs to the band in which the call starts.
"""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from assets.catalog.models.calendar import WEEKDAYS
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
    bands = [_band(band, number) for number, band in enumerate(params.each("bands"))]
    if len(bands) == 1 and bands[0].is_always:
        price = usage_price(bands[0].tariff, counter="event", **settings)
    else:
        scenario.calendars["bands"] = {
            "id": scenario.name("bands"),
            "time_zone": "UTC",
            "overlaps": "latest_start",
            "bands": [band.times for band in bands],
        }
        # Each band has its own tariff; together they leave no hour out.
        price = usage_price(bands[0].tariff, counter="event", calendar=scenario.name("bands"), **settings)
        price["versions"][0]["time_bands"] = [{"in": [band.times["id"]], "tariff": band.tariff} for band in bands]
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


@dataclass(frozen=True)
class _Band:
    """Hours of the calendar and what a call costs in them."""

    times: dict[str, Any]
    tariff: dict[str, Any]

    @property
    def is_always(self) -> bool:
        """Whether every second of every day is in the band."""
        return self.times.keys() == {"id", "start", "weight"} and self.times["start"] == "00:00:00"


def _band(band: Fields, number: int) -> _Band:
    days = str(band.take("days"))
    slots = [Fields(f"{band.name}.slots[{place}]", slot) for place, slot in enumerate(band.items("slots"))]
    times: dict[str, Any] = {
        "id": f"band-{number}",
        "start": str(band.take("start")),
        "weight": band.number("weight", "0"),
    }
    if days != "all":
        if not set(days) <= set("1234567"):
            raise NotTranslated(f"unknown {band.name}.days: {days!r}")
        times["weekdays"] = [WEEKDAYS[int(day) - 1] for day in days]
    month_day = band.take("month_day", None)
    if month_day is not None:
        times["dates"] = [month_day]
    return _Band(times, _tariff(slots))


def _tariff(slots: list[Fields]) -> dict[str, Any]:
    """The tariff of a call: tiers of its seconds; the connect fee is due when the first one is entered."""
    tiers: list[dict[str, Any]] = []
    starts: list[str] = []
    for number, slot in enumerate(slots):
        connect_fee = slot.number("connect_fee", "0") or "0"
        if number and connect_fee != "0":
            raise NotTranslated(f"{slot.name}.connect_fee: {connect_fee}, known is one at the start of the call")
        starts.append(slot.number("from_second") or "0")
        tier = {
            "unit_amount": slot.number("rate"),
            "per_quantity": slot.number("rate_unit"),
            "block_size": slot.number("increment"),
        }
        tiers.append(tier | ({"flat_amount": connect_fee} if connect_fee != "0" else {}))
        slot.refuse_unknown()
    return {
        "model": "graduated",
        "tiers": [end | tier for end, tier in zip(ends_of(starts), tiers, strict=True)],
    }


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
    price = usage_price(_tariff(slots), usage="call", counter="event")
    _one_call(scenario, usage, price, "call")
    for key, reading in (
        ("amount", line_exact()),
        ("parts", parts_column("amount_exact")),
        ("span_ends_seconds", parts_column("charged_until_quantity")),
    ):
        if key in expected:
            expected.take(key)
            scenario.read(key, reading)
