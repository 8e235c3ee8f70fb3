"""Finds two usage prices of an offering that match the same event with the same number of conditions.

Belongs here: whether conditions can hold together, also through different zone lists.
Belongs elsewhere: choosing the price of an event (dbt), where the most specific one wins.
"""

from collections.abc import Iterator
from itertools import combinations

from assets.catalog.book import Book, ZoneList, spans_overlap
from assets.catalog.models.offering import SimpleOffering
from assets.catalog.models.party_tariff import AgreementTariff
from assets.catalog.models.usage_price import Condition, UsagePrice
from assets.catalog.reading.problems import Placed, Problem, shown


def check_price_ties(book: Book) -> Iterator[Problem]:
    """Pairs of prices between which nothing decides."""
    for place in book.price_lists:
        prices = [
            (position, price) for position, price in enumerate(place.value.prices) if isinstance(price, UsagePrice)
        ]
        for (_, one), (position, other) in combinations(prices, 2):
            if one.usage == other.usage and len(one.where) == len(other.where) and _can_tie(book, one, other):
                yield _tie(place, position, one, other)


def _tie(
    place: Placed[SimpleOffering] | Placed[AgreementTariff], position: int, one: UsagePrice, other: UsagePrice
) -> Problem:
    found = f"{shown(other.id)}, which matches the same {one.usage} usage as {shown(one.id)} with as many conditions"
    remedy = "Make the conditions exclude each other, add a condition to one, or let one end before the other starts."
    return place.problem(("prices", position), found, "one most specific price for any event", remedy)


def _can_tie(book: Book, one: UsagePrice, other: UsagePrice) -> bool:
    if not any(spans_overlap(version, another) for version in one.versions for another in other.versions):
        return False
    return all(_can_hold_together(book, one.where[name], other.where[name]) for name in one.where.keys() & other.where)


def _can_hold_together(book: Book, one: Condition, other: Condition) -> bool:
    if one.zone_list == other.zone_list:
        return not set(one.values).isdisjoint(other.values)
    lists = [book.zone_lists.get(condition.zone_list or "") for condition in (one, other)]
    if any(found is None and condition.zone_list for found, condition in zip(lists, (one, other), strict=True)):
        return False
    # A value that both conditions accept exists if and only if one of the listed prefixes (or values) is one: of two
    # longest matches of a value, the longer one has the same two matches itself.
    candidates = {
        value for found, condition in zip(lists, (one, other), strict=True) for value in _values(found, condition)
    }
    return any(_accepts(lists[0], one, value) and _accepts(lists[1], other, value) for value in candidates)


def _values(zone_list: ZoneList | None, condition: Condition) -> list[str]:
    return condition.values if zone_list is None else list(zone_list.zone_by_prefix)


def _accepts(zone_list: ZoneList | None, condition: Condition, value: str) -> bool:
    return (value if zone_list is None else zone_list.zone_of(value)) in condition.values
