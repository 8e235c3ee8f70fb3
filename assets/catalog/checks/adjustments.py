"""Checks of adjustments and minimums: their ids, their days, and the prices that a minimum counts.

Belongs here: what adjustments refer to. Belongs elsewhere: their shape (``models.adjustment``).
"""

from collections import Counter
from collections.abc import Iterator
from typing import Any

from assets.catalog.book import Book
from assets.catalog.models.fee_price import MinimumPrice
from assets.catalog.models.offering import Offering
from assets.catalog.models.usage_price import UsagePrice
from assets.catalog.reading.problems import Path, Placed, Problem, listed, shown


def check_adjustments(book: Book) -> Iterator[Problem]:
    """Problems of every offering's adjustments and minimums."""
    for place in book.offerings.values():
        yield from _check_entries(place)
        for position, price in enumerate(place.value.prices):
            if isinstance(price, UsagePrice) and price.combine and (price.adjustments or place.value.adjustments):
                remedy = "Remove the adjustments, or combine."
                found = "adjustments of a price in a group"
                yield place.problem(("prices", position, "combine"), found, "one of them", remedy)
            if isinstance(price, MinimumPrice):
                yield from _check_minimum(place, ("prices", position), price)


def _check_entries(place: Placed[Offering]) -> Iterator[Problem]:
    entries: list[tuple[Path, Any]] = [
        (("adjustments", number), entry) for number, entry in enumerate(place.value.adjustments)
    ]
    for position, price in enumerate(place.value.prices):
        entries += [
            (("prices", position, "adjustments", number), entry) for number, entry in enumerate(price.adjustments)
        ]
    counts = Counter(entry.id for _, entry in entries)
    for path, entry in entries:
        if counts[entry.id] > 1:
            found = f"the adjustment {shown(entry.id)} {counts[entry.id]} times"
            yield place.problem((*path, "id"), found, "each adjustment id once in an offering", "Rename one.")
        if entry.effective_from and entry.effective_until and entry.effective_until <= entry.effective_from:
            found = f"{entry.effective_from} until {entry.effective_until}"
            yield place.problem((*path, "effective_until"), found, "a day after effective_from", "Correct the dates.")


def _check_minimum(place: Placed[Offering], path: Path, price: MinimumPrice) -> Iterator[Problem]:
    countable = [entry for entry in place.value.prices if not isinstance(entry, MinimumPrice)]
    known = {entry.id: entry.currency for entry in countable}
    for number, counted in enumerate(price.counts):
        if counted not in known:
            expected = f"one of the offering's other prices: {listed(known)}"
            yield place.problem((*path, "counts", number), f"price {shown(counted)}", expected, "Correct it.")
        elif known[counted] != price.currency:
            found = f"price {shown(counted)} in {known[counted]}"
            remedy = "Give both the same currency."
            yield place.problem((*path, "counts", number), found, f"prices in {price.currency}", remedy)
    if price.adjustments:
        remedy = "Remove them: what is missing to a minimum is not discounted."
        yield place.problem((*path, "adjustments"), "adjustments of a minimum", "none", remedy)
