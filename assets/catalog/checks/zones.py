"""Resolves zone lists into prefixes and checks them.

Belongs here: regions to prefixes, the same prefix in two zones.
Belongs elsewhere: conditions of prices that use zones (``offerings``).
"""

from collections.abc import Iterator

from assets.catalog.book import Book, ZoneList
from assets.catalog.phone_prefixes import is_region, region_prefixes
from assets.catalog.reading.problems import Placed, Problem, shown


def check_zone_lists(book: Book) -> Iterator[Problem]:
    """Problems of every zone list. Fills ``zone_by_prefix`` of each."""
    for zone_list in book.zone_lists.values():
        yield from _resolve(zone_list)


def _resolve(zone_list: ZoneList) -> Iterator[Problem]:
    first_by_match: dict[str, Placed] = {}
    for row in zone_list.rows:
        match = row.value.match
        if match in first_by_match:
            line = zone_list.file.line_of(first_by_match[match].path)
            found, expected = f"{shown(match)} a second time (first on line {line})", "each match once in a list"
            yield row.problem((), found, expected, "Remove one of the two lines.")
            continue
        first_by_match[match] = row
        if not match.startswith("region:"):
            continue
        region = match.removeprefix("region:")
        prefixes = region_prefixes(region) if is_region(region) else ()
        if not prefixes:
            found, expected = shown(match), "a region whose phone numbers can be told from others"
            yield row.problem((), found, expected, "Use a country code such as region:PL, or write the digits.")
        for prefix in prefixes:
            zone_list.zone_by_prefix.setdefault(prefix, row.value.zone)
    # Written digits are meant more exactly than a region, so they win.
    for match, row in first_by_match.items():
        if not match.startswith("region:"):
            zone_list.zone_by_prefix[match] = row.value.zone
