"""Checks that the dated versions of one thing follow each other without overlap, gap or empty span.

Belongs here: spans of days, half-open, of prices and agreements.
Belongs elsewhere: what the versions contain.
"""

from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import Any

from assets.catalog.book import spans_overlap
from assets.catalog.reading.problems import Path, Placed, Problem


def check_versions(place: Placed[Any], path: Path, versions: Sequence[Any]) -> Iterator[Problem]:
    """Problems of the spans of ``versions``, which stand at ``path`` in file order."""
    usable: list[tuple[int, Any]] = []
    for position, version in enumerate(versions):
        if version.effective_until is not None and version.effective_until <= version.effective_from:
            found = f"{version.effective_from} until {version.effective_until}, which holds no day"
            where = (*path, position, "effective_until")
            yield place.problem(where, found, "a day after effective_from", "Correct the dates; until is exclusive.")
        else:
            usable.append((position, version))
    usable.sort(key=lambda entry: entry[1].effective_from)
    for (_, earlier), (position, later) in pairwise(usable):
        where = (*path, position, "effective_from")
        if spans_overlap(earlier, later):
            until = earlier.effective_until or "no end"
            found = f"{later.effective_from}, while the version from {earlier.effective_from} lasts until {until}"
            remedy = f'End the earlier version with effective_until: "{later.effective_from}".'
            yield place.problem(where, found, "versions that do not overlap", remedy)
        elif earlier.effective_until != later.effective_from:
            found = f"no version from {earlier.effective_until} until {later.effective_from}"
            remedy = "Close the gap, or give what starts again later an id of its own."
            yield place.problem(where, found, "versions without gap", remedy)
