"""Lago's words: charge models and what is measured, amounts in currency units (unrounded) or in cents (a rounded fee).

Tiers are written for whole units, ``from`` one above the ``to`` before it; a flat fee is due for every tier entered,
and for the first without any usage. Fees and invoices are in ``lago_fees`` and ``lago_invoices``.
"""

from collections.abc import Callable
from decimal import Decimal
from typing import Any

from tests.conformance.fields import Fields, NotTranslated, words_of
from tests.conformance.readings import (
    Reading,
    bill_minor,
    events_exact,
    events_minor,
    line_exact,
    line_major,
    line_minor,
    lines_minor,
    parts_column,
)
from tests.conformance.scenario import Scenario, usage_price
from tests.conformance.sources import lago_fees, lago_invoices, lago_recurring
from tests.conformance.sources.cents import units_of_cents

AT_EVENT = {"rounding": [{"at": "event", "method": "half_up", "decimals": "2"}]}


def translate(scenario: Scenario) -> None:
    """Fill in the scenario of a Lago case."""
    with words_of(scenario.case) as words:
        _translator(scenario)(scenario, *words)


def _translator(scenario: Scenario) -> Callable[[Scenario, Fields, Fields, Fields], None]:
    model, params, usage = scenario.case.model, scenario.case.params, scenario.case.usage
    if model == "minimum":
        return lago_invoices.commitment if "commitment_cents" in params else lago_invoices.minimum
    if model == "tax":
        return lago_invoices.tax
    if model == "discount":
        return lago_invoices.coupons
    if model == "threshold":
        return lago_invoices.progressive
    if "events_full" in usage or params.get("recurring") or "full_quantity" in usage:
        return lago_recurring.translate
    if params.get("aggregation") in ("unique_count", "time-weighted sum"):
        return lago_recurring.translate
    if model == "proration":
        return lago_fees.translate
    if model in _CHARGES:
        return _charge
    raise NotTranslated(f"unknown model {model}")


def tiers(entries: list[Fields]) -> list[dict[str, Any]]:
    """Tiers by their upper ends: what starts one above the end before it starts there."""
    found = []
    for tier in entries:
        to = tier.number("to", None)
        tier.remark("from")
        entry = {"up_to": to} if to is not None else {}
        if "rate_percent" in tier:
            entry["rate_percent"] = tier.number("rate_percent")
        else:
            entry["unit_amount"] = tier.number("per_unit", None) or "0"
        found.append(entry | {"flat_amount": tier.number("flat", None) or "0"})
    return found


def known_bounds(text: str) -> bool:
    """Whether we know how a text about bounds is meant."""
    return text.startswith(("inclusive", "adjacent"))


def _tiered(params: Fields, model: str) -> dict[str, Any]:
    params.remark("bounds", known=known_bounds)
    if "single_tier" in params:
        # The cost of one tier: the other tiers are free.
        tier = Fields("params.single_tier", params.take("single_tier"))
        below = _below(tier, str(params.take("bounds", "inclusive")))
        (entry,) = tiers([tier])
        tier.refuse_unknown()
        free = {"rate_percent": "0"} if "rate_percent" in entry else {"unit_amount": "0"}
        entries = [*([{"up_to": below, **free}] if below != "0" else []), entry]
        entries += [free] if "up_to" in entry else []
        return {"model": model, "tiers": entries, "unused": "first_flat"}
    entries = [Fields(f"params.tiers[{number}]", tier) for number, tier in enumerate(params.items("tiers"))]
    tariff = {"model": model, "tiers": tiers(entries), "unused": "first_flat"}
    for entry in entries:
        entry.refuse_unknown()
    return tariff


def _below(tier: Fields, bounds: str) -> str:
    """The end of the tier before: whole-unit tiers write ``11`` for everything above 10."""
    start = tier.number("from") or "0"
    if start == "0" or bounds.startswith("adjacent"):
        return start
    return str(int(start) - 1)


def _per_unit(params: Fields) -> dict[str, Any]:
    return {"model": "per_unit", "unit_amount": params.number("unit_amount")}


def _package(params: Fields) -> dict[str, Any]:
    return {
        "model": "package",
        "package_size": params.number("package_size"),
        "package_amount": params.number("package_amount"),
    }


def _percentage(params: Fields) -> dict[str, Any]:
    return {"model": "percentage", "rate_percent": params.number("rate_percent")}


_CHARGES: dict[str, Callable[[Fields], dict[str, Any]]] = {
    "per_unit": _per_unit,
    "graduated": lambda params: _tiered(params, "graduated"),
    "volume": lambda params: _tiered(params, "volume"),
    "graduated_percentage": lambda params: _tiered(params, "graduated_percentage"),
    "package": _package,
    "percentage": _percentage,
    "dynamic": lambda _params: {"model": "dynamic"},
}


def event_rules(scenario: Scenario, params: Fields) -> dict[str, Any]:
    """What a single event costs besides its rate, and what is free."""
    rules: dict[str, Any] = {}
    for key, name in (
        ("fixed_per_event", "event_amount"),
        ("free_events", "free_events"),
        ("free_total", "free_quantity"),
        ("min_per_event", "event_minimum"),
        ("max_per_event", "event_maximum"),
    ):
        value = params.number(key, None)
        if value not in (None, "0"):
            rules[name] = value
    if "estimate" in scenario.case.notes:
        # The estimate of a single event: one of nothing still costs its fixed amount and its minimum.
        rules["zero_events"] = "charged"
    return rules


def _charge(scenario: Scenario, params: Fields, usage: Fields, expected: Fields) -> None:
    """One charge and what was used of it."""
    if "filters" in params:
        _filtered(scenario, params, usage, expected)
        return
    tariff = _CHARGES[scenario.case.model](params)
    settings = event_rules(scenario, params) if tariff["model"] == "percentage" else {}
    aggregation = params.one_of("aggregation", {name: name for name in ("count", "sum", "max", "latest")}, "sum")
    settings["aggregate"] = aggregation
    free_units = params.number("free_units", None)
    if free_units not in (None, "0"):
        settings["free_quantity"] = free_units
    if tariff["model"] == "dynamic":
        settings["characteristic"] = "amount"
    if aggregation == "count":
        settings["characteristic"] = None
    pays_in_advance = params.flag("pay_in_advance")
    if pays_in_advance:
        settings |= AT_EVENT
        if aggregation == "sum":
            settings["billed"] = "highest_so_far"
    tax_percent = params.number("tax_percent", "0") or "0"
    if "total_with_tax_20pct" in expected:
        tax_percent = "20"
    scenario.sell(usage_price(tariff, **settings), tax_percent=tax_percent)
    for quantity in _events(usage):
        scenario.use(quantity, amount=quantity)
    read_charge(scenario, expected)


def _events(usage: Fields) -> list[str]:
    """The events of a charge, however the case tells them."""
    if "event_count" in usage:
        return _events_of_total(usage)
    for key in ("event_values", "buckets"):
        if key in usage:
            return usage.numbers(key)
    if "events" in usage:
        events = usage.take("events")
        return usage.numbers("events") if isinstance(events, list) else ["1"] * usage.whole("events")
    if "event_amounts_cents" in usage:
        return [units_of_cents(cents) for cents in usage.numbers("event_amounts_cents")]
    if "precise_amount_cents_sum" in usage:
        # The price comes with the events; how many units they were does not matter.
        usage.remark("quantity")
        return [units_of_cents(usage.number("precise_amount_cents_sum") or "0")]
    for key in ("quantity", "amount", "total_quantity", "total_amount"):
        if key in usage:
            quantity = usage.number(key) or "0"
            return [quantity] if quantity != "0" else []
    return []


def _events_of_total(usage: Fields) -> list[str]:
    """Events that add up to a total: those whose running totals are told, then as small ones as there are left."""
    count, total = usage.whole("event_count"), Decimal(usage.number("total") or "0")
    readings = [Decimal(text) for text in usage.numbers("running_totals_of_first_events")] if (
        "running_totals_of_first_events" in usage
    ) else []  # fmt: skip
    if total == 0:
        return ["0"] * count
    while len(readings) < count - 1:
        readings.append((readings[-1] if readings else Decimal(0)) + Decimal("0.000001"))
    readings.append(total)
    starts = [Decimal(0), *readings[:-1]]
    return [format(after - before, "f") for before, after in zip(starts, readings, strict=True)]


def _filtered(scenario: Scenario, params: Fields, usage: Fields, expected: Fields) -> None:
    """A price for each value of a filter, and one for all others."""
    filters = params.items("filters")
    names = sorted({name for entry in filters for name in entry if name != "unit_amount"})
    if len(names) > 3:
        raise NotTranslated(f"{len(names)} filters, at most 3 are known")
    column_of = {name: f"filter_{number}" for number, name in enumerate(names, start=1)}
    prices = []
    for number, entry in enumerate(params.each("filters"), start=1):
        where = {column_of[name]: {"in": [entry.take(name)]} for name in names if name in entry}
        tariff = {"model": "per_unit", "unit_amount": entry.number("unit_amount")}
        prices.append(usage_price(tariff, price_id=f"filter-{number}", where=where))
    default = {"model": "per_unit", "unit_amount": params.number("default_unit_amount")}
    prices.append(usage_price(default, price_id="default"))
    scenario.sell(*prices)
    for event in usage.each("list"):
        values = {column_of[name]: str(event.take(name)) for name in names if name in event}
        scenario.use(event.number("quantity") or "0", **values)
    expected.take("amount")
    scenario.read("amount", bill_minor())
    expected.take("parts")
    scenario.read("parts", lines_minor())


def amount_reading(scenario: Scenario) -> Reading:
    """The amount of the only line in the units of the case."""
    units = scenario.case.units
    if units.startswith("currency units (unrounded"):
        return line_exact()
    if units.startswith("currency units, 2 decimals"):
        return line_major()
    if units.startswith("cents"):
        return line_minor()
    raise NotTranslated(f"unknown expected.units: {units!r}")


def read_charge(scenario: Scenario, expected: Fields) -> None:
    """The figures asserted about one charge."""
    for key in ("amount",):
        if key in expected:
            expected.take(key)
            scenario.read(key, amount_reading(scenario))
    if "parts" in expected:
        expected.take("parts")
        scenario.read("parts", events_minor())
    if "per_event" in expected:
        expected.take("per_event")
        scenario.read("per_event", events_exact())
    for key, column in (("tier_units", "quantity"), ("tier_totals", "amount_exact")):
        if key in expected:
            expected.take(key)
            scenario.read(key, parts_column(column))
    for key in ("total_with_tax", "total_with_tax_20pct"):
        if key in expected:
            expected.take(key)
            scenario.read(key, bill_minor("gross_minor"))
    # Amount over quantity, which is what the event's price came to.
    expected.remark("unit_amount")
