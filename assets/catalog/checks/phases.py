"""Checks of phases: their order, the offerings they name, and fees for leaving early.

Belongs here: what phases refer to. Belongs elsewhere: their shape (``models.phase``).
"""

from collections import Counter
from collections.abc import Iterator

from assets.catalog.book import Book
from assets.catalog.models.fee_price import OneTimePrice
from assets.catalog.models.offering import Offering
from assets.catalog.models.phase import Phase
from assets.catalog.reading.problems import Path, Placed, Problem, listed, shown


def check_phases(book: Book) -> Iterator[Problem]:
    """Problems of every offering's phases."""
    bound = {
        phase.offering or place.value.id
        for place in book.offerings.values()
        for phase in place.value.phases
        if phase.kind == "fixed_term"
    }
    for place in book.offerings.values():
        counts = Counter(phase.id for phase in place.value.phases)
        for number, phase in enumerate(place.value.phases):
            path: Path = ("phases", number)
            if counts[phase.id] > 1:
                found = f"the phase {shown(phase.id)} {counts[phase.id]} times"
                yield place.problem((*path, "id"), found, "each phase once in an offering", "Rename it.")
            yield from _check_length(place, path, phase, is_last=number == len(place.value.phases) - 1)
            yield from _check_offering(book, place, path, phase)
        for position, price in enumerate(place.value.prices):
            if isinstance(price, OneTimePrice) and price.charged == "at_early_end" and place.value.id not in bound:
                found = "a fee for leaving a fixed term early"
                expected = f"a phase of kind fixed_term that has the prices of {shown(place.value.id)}"
                yield place.problem(
                    ("prices", position, "charged"), found, expected, "Add the phase, or charge the fee at_start."
                )


def _check_length(place: Placed[Offering], path: Path, phase: Phase, *, is_last: bool) -> Iterator[Problem]:
    if phase.lasts is None and (phase.kind == "fixed_term" or not is_last):
        found = "no length" if is_last else "no length, and a phase after it that would never begin"
        yield place.problem(path, found, "lasts: {count, unit}", "Say how long it lasts.")
    if phase.kind == "evergreen" and phase.lasts is not None:
        remedy = "Remove lasts, or call the phase discount or fixed_term."
        yield place.problem((*path, "lasts"), "an evergreen phase with an end", "none", remedy)


def _check_offering(book: Book, place: Placed[Offering], path: Path, phase: Phase) -> Iterator[Problem]:
    if phase.offering is None or phase.offering == place.value.id:
        return
    if book.is_unknown("offering", phase.offering):
        expected = f"one of {listed(book.names('offering'))}"
        yield place.problem(
            (*path, "offering"), f"offering {shown(phase.offering)}", expected, "Define it, or correct it."
        )
        return
    other = book.offerings.get(phase.offering)
    if other is not None and other.value.phases:
        found = f"offering {shown(phase.offering)}, which has phases itself"
        remedy = "Name the offerings of its phases instead."
        yield place.problem((*path, "offering"), found, "an offering without phases", remedy)
