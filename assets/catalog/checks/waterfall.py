"""Checks of the waterfall: what the items of one version give out.

Belongs here: the order of items, their bases, never more than there is.
Belongs elsewhere: who the parties are (``agreements``), what an item gave to the hop below (``agreement_chains``).
"""

from collections.abc import Iterator
from decimal import Decimal
from fractions import Fraction

from assets.catalog.models.agreement import Agreement, AgreementVersion
from assets.catalog.models.grammar import decimal_text
from assets.catalog.models.sharing import PercentItem, PerUnitItem, RemainingItem, SharingItem
from assets.catalog.problems import Path, Placed, Problem, listed, shown


def receiver_of(item: SharingItem) -> str:
    """The party or role that an item gives to."""
    return item.remaining_to if isinstance(item, RemainingItem) else item.to


def check_waterfall(place: Placed[Agreement], path: Path, version: AgreementVersion) -> Iterator[Problem]:
    """The last item takes the rest, and the items before it never give out more than there is."""
    last = len(version.sharing) - 1
    given = Fraction(0)
    part_by_item: dict[str, Fraction | None] = {}
    for position, item in enumerate(version.sharing):
        where = (*path, "sharing", position)
        if isinstance(item, RemainingItem) and position != last:
            found = "remaining_to before the last item"
            yield place.problem(where, found, "remaining_to as the last item", "Move it to the end.")
        if not isinstance(item, RemainingItem) and position == last:
            found = "a waterfall that leaves something over"
            remedy = "Add a last item, for example {id: kept, remaining_to: " + place.value.payer + "}."
            yield place.problem(where, found, "remaining_to as the last item", remedy)
        if isinstance(item, PerUnitItem):
            part_by_item[item.id] = None
        if isinstance(item, RemainingItem):
            part_by_item[item.id] = 1 - given
        if not isinstance(item, PercentItem):
            continue
        basis = item.basis.removeprefix("item:")
        if item.basis.startswith("item:") and basis not in part_by_item:
            expected = (
                f"an earlier item: {listed(part_by_item)}" if part_by_item else "an earlier item, but this is the first"
            )
            yield place.problem((*where, "basis"), f"item {shown(basis)}", expected, "Name an item that stands before.")
            part_by_item[item.id] = None
            continue
        base = {"after_discount_ex_tax": Fraction(1), "remaining": 1 - given}.get(item.basis, part_by_item.get(basis))
        # What an amount per unit is of the whole depends on the line; the rest is known from the book.
        part_by_item[item.id] = part = None if base is None else base * Fraction(item.percent) / 100
        before, given = given, given + (part or 0)
        if given > 1 >= before:
            found = f"{_percent(given)} percent given out up to here"
            remedy = "Lower the percents; what is left goes to remaining_to."
            yield place.problem((*where, "percent"), found, "at most 100 percent of what is shared", remedy)


def _percent(part: Fraction) -> str:
    return decimal_text(round(Decimal(part.numerator * 100) / part.denominator, 10))
