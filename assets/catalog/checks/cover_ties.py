"""Finds two covers that match the same line with the same number of fields, so that nothing decides between them.

Belongs here: covers of root agreements against each other.
Belongs elsewhere: references inside a cover (``agreements``).
"""

import datetime
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import combinations

from assets.catalog.book import Book
from assets.catalog.models.agreement import Agreement, AgreementVersion, Cover
from assets.catalog.reading.problems import Path, Placed, Problem

_END = datetime.date.max


@dataclass(frozen=True)
class _Candidate:
    place: Placed[Agreement]
    path: Path
    version: AgreementVersion
    fields: tuple[str | None, str | None, str | None]

    @property
    def specificity(self) -> int:
        return sum(field is not None for field in self.fields)

    @property
    def until(self) -> datetime.date:
        return self.version.effective_until or _END


def check_cover_ties(book: Book) -> Iterator[Problem]:
    """Pairs of equally specific covers for one line at one time."""
    candidates = [
        _Candidate(place, ("versions", v, "covers", c), version, _fields(cover))
        for place in book.agreements.values()
        if place.value.associated_agreement is None
        for v, version in enumerate(place.value.versions)
        for c, cover in enumerate(version.covers)
    ]
    for one, other in combinations(candidates, 2):
        if one.specificity != other.specificity or (meet := _meet(book, one.fields, other.fields)) is None:
            continue
        start = max(one.version.effective_from, other.version.effective_from)
        end = min(one.until, other.until)
        # Two versions of one agreement that overlap are reported as such.
        is_same = one.place is other.place and one.version is not other.version
        if start < end and not is_same and not _is_decided(candidates, meet, one.specificity, start, end):
            yield _tie(one, other, meet)


def _fields(cover: Cover) -> tuple[str | None, str | None, str | None]:
    return (cover.offering, cover.price, cover.seller)


def _meet(book: Book, one: tuple, other: tuple) -> tuple[str | None, ...] | None:
    """The lines that both cover, or None when there are none."""
    if any(a is not None and b is not None and a != b for a, b in zip(one, other, strict=True)):
        return None
    meet = tuple(a if a is not None else b for a, b in zip(one, other, strict=True))
    offering, price, _ = meet
    if offering in book.offerings and price is not None:
        prices = {entry.id for entry in book.offerings[offering].value.prices}
        return meet if price in prices else None
    return meet


def _is_decided(
    candidates: list[_Candidate], meet: tuple, specificity: int, start: datetime.date, end: datetime.date
) -> bool:
    """Whether a more specific cover takes all the lines of the meet during the whole time."""
    return any(
        entry.specificity > specificity
        and entry.version.effective_from <= start
        and entry.until >= end
        and all(field is None or field == wanted for field, wanted in zip(entry.fields, meet, strict=True))
        for entry in candidates
    )


def _tie(one: _Candidate, other: _Candidate, meet: tuple) -> Problem:
    names = zip(("offering", "price", "seller"), meet, strict=True)
    lines = ", ".join(f"{name} {value}" for name, value in names if value is not None) or "any line"
    first = f"{one.place.file.name}:{one.place.file.line_of(one.place.path + one.path)}"
    found = f"a cover of {lines} that is as specific as the one of agreement {one.place.value.id} ({first})"
    remedy = "Make one of them more specific, or let one end before the other starts."
    return other.place.problem(other.path, found, "one most specific agreement for any line", remedy)
