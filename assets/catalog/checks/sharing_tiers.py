"""Checks of the tiers of a sharing item.

Belongs here: order of the bounds, one kind of rate, what can be measured in which way.
Belongs elsewhere: what the item gives beside the others (``waterfall``), tiers of tariffs (``offerings``).
"""

from collections.abc import Iterator
from decimal import Decimal
from fractions import Fraction

from assets.catalog.models.agreement import Agreement
from assets.catalog.models.grammar import decimal_text
from assets.catalog.models.sharing import TiersItem
from assets.catalog.reading.problems import Path, Placed, Problem


def highest_percent(item: TiersItem) -> Fraction | None:
    """The most an item's tiers give of the basis in percent; None when they give an amount per unit."""
    percents = [step.percent for step in item.tiers.steps]
    return max(Fraction(percent) for percent in percents if percent is not None) if any(percents) else None


def check_tiers(place: Placed[Agreement], where: Path, item: TiersItem) -> Iterator[Problem]:
    """Problems of one item's tiers."""
    steps, path = item.tiers.steps, (*where, "tiers", "steps")
    below: Decimal | None = None
    kinds = {"percent" if step.percent is not None else "per_unit" for step in steps}
    for position, step in enumerate(steps):
        here, is_last = (*path, position), position == len(steps) - 1
        if (step.percent is None) == (step.per_unit is None):
            found = "neither percent nor per_unit" if step.percent is None else "both percent and per_unit"
            yield place.problem(here, found, "one of percent and per_unit", "Say what the tier gives.")
        elif len(kinds) > 1 and position == 0:
            found = "tiers with percent and tiers with per_unit"
            yield place.problem(here, found, "one kind of rate in all tiers", "Make an item of each.")
        if step.up_to is None and not is_last:
            yield place.problem(here, "no up_to", "up_to in every tier but the last", "Add it.")
        elif step.up_to is not None and is_last:
            remedy = "Remove up_to, or add a last tier without it."
            yield place.problem(
                (*here, "up_to"), f"up_to {decimal_text(step.up_to)}", "a last tier without end", remedy
            )
        if step.up_to is not None and below is not None and step.up_to <= below:
            found = f"up_to {decimal_text(step.up_to)} after {decimal_text(below)}"
            yield place.problem((*here, "up_to"), found, f"more than {decimal_text(below)}", "Put the tiers in order.")
        below = step.up_to if step.up_to is not None else below
    if item.tiers.of == "revenue" and "per_unit" in kinds:
        found = "an amount per unit of revenue"
        yield place.problem((*where, "tiers", "of"), found, "percent in tiers of revenue", "Use percent.")
