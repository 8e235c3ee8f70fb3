"""Writes allowances, and which usage of other offerings draws from them.

Belongs here: rows of the allowance tables, and the pass in which each allowance is used up.
Belongs elsewhere: buckets of customers (dbt), the prices themselves (``loading.offerings``).
"""

from itertools import pairwise

import psycopg

from assets.catalog.book import Book
from assets.catalog.loading.rows import copy_rows
from assets.catalog.models.offering import SimpleOffering
from assets.catalog.models.usage_price import UsagePrice

Key = tuple[str, str]
# Passes of the rating over the buckets of an event (dbt macro ``bucket_pass_count``).
PASS_LIMIT = 3

_ALLOWANCE_COLUMNS = (
    "book_id",
    "offering_id",
    "allowance_id",
    "usage_quantity",
    "is_prorated",
    "shared_by",
    "priority",
    "pass_number",
    "rollover_expiry",
    "rollover_maximum",
    "amount",
)
_COVER_COLUMNS = ("book_id", "offering_id", "allowance_id", "covered_offering_id", "covered_price_id")


def load_allowances(connection: psycopg.Connection, book: Book, book_id: int) -> None:
    """Write all allowances of a checked book."""
    passes = pass_numbers(book)
    allowances = [
        (
            book_id,
            offering.id,
            entry.id,
            entry.quantity,
            entry.prorated,
            entry.shared_by,
            entry.priority,
            passes.get((offering.id, entry.id), 1),
            entry.rollover.expires if entry.rollover else None,
            entry.rollover.maximum if entry.rollover else None,
            entry.amount,
        )
        for offering in (place.value for place in book.simple_offerings)
        for entry in offering.allowances
    ]
    covers = [
        (book_id, offering.id, entry.id, covered.offering, covered.price)
        for offering in (place.value for place in book.simple_offerings)
        for entry in offering.allowances
        for covered in entry.covers
    ]
    copy_rows(connection, "allowances", _ALLOWANCE_COLUMNS, allowances)
    copy_rows(connection, "allowance_covers", _COVER_COLUMNS, covers)


def drawn_allowances(book: Book) -> dict[Key, list[Key]]:
    """For each usage price the allowances it draws from, in the order in which they are used up."""
    priorities: dict[Key, int] = {}
    drawn: dict[Key, set[Key]] = {}
    for place in book.simple_offerings:
        offering: SimpleOffering = place.value
        for entry in offering.allowances:
            priorities[offering.id, entry.id] = entry.priority
            for covered in entry.covers:
                drawn.setdefault((covered.offering, covered.price), set()).add((offering.id, entry.id))
        for price in offering.prices:
            if isinstance(price, UsagePrice) and price.allowance is not None:
                drawn.setdefault((offering.id, price.id), set()).add((offering.id, price.allowance))
    return {price: sorted(keys, key=lambda key: (priorities.get(key, 0), key)) for price, keys in drawn.items()}


def money_allowances(book: Book) -> set[Key]:
    """The allowances that are amounts of money."""
    return {
        (place.value.id, entry.id)
        for place in book.simple_offerings
        for entry in place.value.allowances
        if entry.amount is not None
    }


def pass_numbers(book: Book) -> dict[Key, int]:
    """The pass of each allowance: after those that any price uses up before it. Unrelated ones share a pass.

    Money has passes of its own: it pays for what quantities left to be priced.
    """
    in_money = money_allowances(book)
    chains = [
        [key for key in chain if (key in in_money) is is_money]
        for chain in drawn_allowances(book).values()
        for is_money in (False, True)
    ]
    passes: dict[Key, int] = {key: 1 for chain in chains for key in chain}
    # Priorities order every chain alike, so this ends: each round settles one more link of the longest chain.
    for _ in passes:
        for chain in chains:
            for before, after in pairwise(chain):
                passes[after] = max(passes[after], passes[before] + 1)
    return passes
