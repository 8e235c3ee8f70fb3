"""Checks of the waterfall: what the items of one version give out.

Belongs here: the order of items, their bases and limits, never more than there is.
Belongs elsewhere: who the parties are (``agreements``), tiers (``sharing_tiers``), what an item gave to the hop below
(``agreement_chains``).
"""

from collections.abc import Iterator
from decimal import Decimal
from fractions import Fraction
from typing import Any

from assets.catalog.checks.sharing_tiers import check_tiers, highest_percent
from assets.catalog.models.agreement import Agreement, AgreementVersion
from assets.catalog.models.grammar import decimal_text
from assets.catalog.models.sharing import LAST_ITEMS, PercentItem, SharingItem, TiersItem, bases_of, choice_of
from assets.catalog.reading.problems import Path, Placed, Problem, listed, shown


def check_waterfall(place: Placed[Agreement], path: Path, version: AgreementVersion) -> Iterator[Problem]:
    """The last item takes the rest, and the items before it never give out more than there is.

    What is known from the book alone is judged here: percents of what is shared, of the rest and of each other. What
    depends on the line (amounts per unit, fixed amounts, list prices) is held to what is left when it is computed.
    """
    if version.split is not None and version.split.left_over_to is not None:
        items = [item.id for item in version.sharing]
        if version.split.left_over_to not in items:
            found, expected = f"item {shown(version.split.left_over_to)}", f"one of {listed(items)}"
            yield place.problem((*path, "split", "left_over_to"), found, expected, "Name an item of the version.")
    last = len(version.sharing) - 1
    given = Fraction(0)
    part_by_item: dict[str, Fraction | None] = {}
    for position, item in enumerate(version.sharing):
        where = (*path, "sharing", position)
        yield from _check_end(place, where, item, position == last)
        yield from _check_limits(place, where, item)
        yield from _check_collected(place, where, item, version)
        if isinstance(item, TiersItem):
            yield from check_tiers(place, where, item)
        unknown = [
            name for basis in bases_of(item) if (name := _item_name(basis)) is not None and name not in part_by_item
        ]
        for name in unknown:
            expected = (
                f"an earlier item: {listed(part_by_item)}" if part_by_item else "an earlier item, but this is the first"
            )
            yield place.problem((*where, "basis"), f"item {shown(name)}", expected, "Name an item that stands before.")
        if isinstance(item, LAST_ITEMS):
            part_by_item[item.id] = 1 - given
            continue
        part = None if unknown or item.cost else _part_of(item, given, part_by_item)
        part_by_item[item.id] = part
        before, given = given, given + (part or 0)
        if given > 1 >= before:
            found = f"{_percent(given)} percent given out up to here"
            remedy = "Lower the percents; what is left goes to remaining_to."
            field = "percent" if isinstance(item, PercentItem) else "tiers"
            yield place.problem((*where, field), found, "at most 100 percent of what is shared", remedy)


def _check_end(place: Placed[Agreement], where: Path, item: SharingItem, is_last: bool) -> Iterator[Problem]:
    if isinstance(item, LAST_ITEMS) and not is_last:
        word = "remaining_to" if hasattr(item, "remaining_to") else "kept"
        yield place.problem(where, f"{word} before the last item", f"{word} as the last item", "Move it to the end.")
    if not isinstance(item, LAST_ITEMS) and is_last:
        found = "a waterfall that leaves something over"
        remedy = "Add a last item, for example {id: kept, remaining_to: " + place.value.payer + "}."
        yield place.problem(where, found, "remaining_to or kept as the last item", remedy)


def _check_limits(place: Placed[Agreement], where: Path, item: Any) -> Iterator[Problem]:
    if isinstance(item, LAST_ITEMS) or item.min is None or item.max is None or item.min <= item.max:
        return
    found = f"min {decimal_text(item.min)} above max {decimal_text(item.max)}"
    yield place.problem((*where, "min"), found, "a min that is not above max", "Swap them, or leave one out.")


def _check_collected(
    place: Placed[Agreement], where: Path, item: SharingItem, version: AgreementVersion
) -> Iterator[Problem]:
    """What is shared as it is collected needs settlement periods that follow the payments."""
    if "collected_ex_tax" in bases_of(item) and str(version.settlement.trigger) != "collected":
        found = f"basis collected_ex_tax with trigger {version.settlement.trigger}"
        remedy = "Set settlement.trigger: collected, or share after_discount_ex_tax."
        yield place.problem((*where, "basis"), found, "trigger collected", remedy)


def _item_name(basis: str) -> str | None:
    return basis.removeprefix("item:") if basis.startswith("item:") else None


def _part_of(item: Any, given: Fraction, part_by_item: dict[str, Fraction | None]) -> Fraction | None:
    """The largest part of the shared amount that an item can give, or None where it depends on the line."""
    if isinstance(item, PercentItem):
        percent: Fraction | None = Fraction(item.percent)
    else:
        percent = highest_percent(item) if isinstance(item, TiersItem) else None
    if percent is None:
        return None
    known = {"after_discount_ex_tax": Fraction(1), "collected_ex_tax": Fraction(1), "remaining": 1 - given}
    parts = [known.get(basis, part_by_item.get(_item_name(basis) or "")) for basis in bases_of(item)]
    sure = [part for part in parts if part is not None]
    if choice_of(item) == "lower":
        # The lower of the two is at most the one that is known.
        return min(sure) * percent / 100 if sure else None
    return max(sure) * percent / 100 if len(sure) == len(parts) else None


def _percent(part: Fraction) -> str:
    return decimal_text(round(Decimal(part.numerator * 100) / part.denominator, 10))
