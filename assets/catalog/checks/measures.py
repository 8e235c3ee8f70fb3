"""Checks of what a usage price counts: its measure, its counter, which part it charges.

Belongs here: characteristics of the right kind, settings that exclude each other.
Belongs elsewhere: tariffs (``tariffs``), conditions and other references (``offerings``).
"""

from collections.abc import Iterator
from typing import Any

from assets.catalog.models.usage_price import UsagePrice
from assets.catalog.models.usage_specification import (
    CodeCharacteristic,
    QuantityCharacteristic,
    UsageSpecification,
)
from assets.catalog.reading.problems import Path, Placed, Problem, listed, shown


def check_measure(
    place: Placed[Any], path: Path, price: UsagePrice, specification: UsageSpecification
) -> Iterator[Problem]:
    """Problems of what one usage price measures, and over what."""
    measure, where = price.measure, (*path, "measure")
    quantities = listed(entry.id for entry in specification.quantities)
    if measure.aggregate == "count":
        if measure.characteristic is not None:
            found = f"characteristic {shown(measure.characteristic)} with count"
            yield place.problem((*where, "characteristic"), found, "none: count counts events", "Remove it.")
    elif measure.aggregate == "unique_count":
        yield from _check_code(place, (*where, "characteristic"), measure.characteristic, specification)
    elif measure.characteristic is None:
        expected = f"the quantity to sum: {quantities}"
        yield place.problem(where, "no characteristic", expected, "Add characteristic.")
    elif not isinstance(specification.characteristic(measure.characteristic), QuantityCharacteristic):
        found = f"characteristic {shown(measure.characteristic)}"
        expected = f"a quantity of usage specification {specification.id}: {quantities}"
        yield place.problem((*where, "characteristic"), found, expected, "Name a quantity.")
    if measure.removal is not None:
        if measure.aggregate != "unique_count":
            found = f"a removal with {measure.aggregate}"
            yield place.problem((*where, "removal"), found, "a removal with unique_count only", "Remove it.")
        yield from _check_code(
            place, (*where, "removal", "characteristic"), measure.removal.characteristic, specification
        )
    yield from _check_proration(place, path, price, specification)
    yield from _check_exclusions(place, path, price)


def _check_code(
    place: Placed[Any], path: Path, name: str | None, specification: UsageSpecification
) -> Iterator[Problem]:
    found = specification.characteristic(name or "")
    if not isinstance(found, CodeCharacteristic) or found.priced_by != "value":
        codes = listed(
            entry.id
            for entry in specification.priced_characteristics
            if isinstance(entry, CodeCharacteristic) and entry.priced_by == "value"
        )
        expected = f"a code that usage specification {specification.id} prices by value: {codes}"
        yield place.problem(path, f"characteristic {shown(name)}", expected, "Name one, or add priced_by: value to it.")


def _check_proration(
    place: Placed[Any], path: Path, price: UsagePrice, specification: UsageSpecification
) -> Iterator[Problem]:
    if price.prorated is None:
        return
    where, name = (*path, "prorated"), price.prorated.characteristic
    if price.prorated.by == "days_left":
        if name is not None:
            yield place.problem((*where, "characteristic"), shown(name), "none with days_left", "Remove it.")
        return
    prorated = specification.characteristic(name or "")
    measured = specification.characteristic(price.measure.characteristic or "")
    if not isinstance(prorated, QuantityCharacteristic):
        expected = f"a quantity: {listed(entry.id for entry in specification.quantities)}"
        yield place.problem((*where, "characteristic"), f"characteristic {shown(name)}", expected, "Name a quantity.")
    elif isinstance(measured, QuantityCharacteristic) and measured.scale != prorated.scale:
        found = f"{prorated.id} with {prorated.scale} decimals"
        expected = f"the decimals of {measured.id}, {measured.scale}"
        yield place.problem((*where, "characteristic"), found, expected, "Give both the same scale.")


def _check_shared(place: Placed[Any], path: Path, price: UsagePrice) -> Iterator[Problem]:
    """A counter of the whole account adds up; what a product holds or is billed as a whole stays its own."""
    if price.shared != "account":
        return
    found = [
        name
        for name, is_made in {
            f"measure {price.measure.aggregate}": price.measure.aggregate not in ("sum", "count"),
            "recurring": price.recurring,
            "prorated": price.prorated is not None,
            f"billed: {price.billed}": price.billed != "delta",
        }.items()
        if is_made
    ]
    if found:
        remedy = "Share sums and counts of what is billed as it comes, or give each product its own counter."
        yield place.problem((*path, "shared"), f"shared: account with {found[0]}", "a plain sum or count", remedy)


def _check_exclusions(place: Placed[Any], path: Path, price: UsagePrice) -> Iterator[Problem]:
    looks_around = {
        f"measure {price.measure.aggregate}": price.measure.aggregate not in ("sum", "count"),
        "prorated": price.prorated is not None,
        "free_events": price.free_events is not None,
        "billed: highest_so_far": price.billed == "highest_so_far",
        "shared: account": price.shared == "account",
    }
    made = [name for name, is_made in looks_around.items() if is_made]
    yield from _check_shared(place, path, price)
    if made and price.allowance is not None:
        found, expected = f"an allowance with {made[0]}", "a price that adds up its events"
        yield place.problem((*path, "allowance"), found, expected, "Use free_quantity of the price instead.")
    if made and price.round_up_to is not None:
        found, expected = f"round_up_to with {made[0]}", "a price that adds up its events"
        yield place.problem((*path, "round_up_to"), found, expected, "Use block_size of the tariff instead.")
    carries = made or (["recurring"] if price.recurring else [])
    carries += ["billed: cumulative"] if price.billed == "cumulative" else []
    # Largest and latest values make sense within an hour or a day; what stays, or is billed over time, does not.
    short = ("event",) if made[:1] == [f"measure {price.measure.aggregate}"] else ("event", "hour", "day")
    if carries and price.counter in short:
        found = f"counter: {price.counter} with {carries[0]}"
        yield place.problem((*path, "counter"), found, "a counter that lasts as long", "Choose another counter.")
