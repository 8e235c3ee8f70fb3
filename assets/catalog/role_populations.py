"""Receivers by role against the populations that have arrived: a role that resolves to nobody is found before a run.

Belongs here: for every product sold, whether the roles of the agreement that covers it lead to somebody on each day.
Belongs elsewhere: what the book alone can tell (``checks.roles``), resolving roles in a run (dbt ``int_role_parties``).
"""

import datetime
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import psycopg

from assets.catalog.book import Book, spans_overlap
from assets.catalog.chains import hops_below
from assets.catalog.models.agreement import Agreement, AgreementVersion
from assets.catalog.models.offering import BundleOffering
from assets.catalog.models.party import OPERATOR_ROLE, is_role
from assets.catalog.models.sharing import receiver_of
from assets.catalog.reading.problems import Path, Problem

# What is sold by whom, as days: a span per seller and offering says all that matters here.
_SOLD = """
    select offering_id, seller_party_id, min(effective_from at time zone %(zone)s)::date,
        case when bool_or(effective_until is null) then null else max(effective_until at time zone %(zone)s)::date end
    from inbox.products group by 1, 2 order by 1, 2 nulls first
"""
# Only parties that ever had somebody above them matter; all others are the top.
_PARENTS = """
    select party_id, effective_from, parent_party_id from inbox.parties
    where party_id in (select party_id from inbox.parties where parent_party_id is not null) order by 1, 2
"""

Parents = Mapping[str, Sequence[tuple[datetime.date, str | None]]]


@dataclass(frozen=True, slots=True)
class Sold:
    """An offering, who sold it (None: the operator itself), and the days on which anybody had it."""

    offering: str
    seller: str | None
    effective_from: datetime.date
    effective_until: datetime.date | None


@dataclass(frozen=True, slots=True)
class Populations:
    """What the inbox knows that decides roles."""

    sold: Sequence[Sold]
    parents: Parents


def read_populations(connection: psycopg.Connection, time_zone: str) -> Populations:
    """Read products and parties of the inbox; a few rows per seller and offering."""
    parents: dict[str, list[tuple[datetime.date, str | None]]] = defaultdict(list)
    for party, day, parent in connection.execute(_PARENTS):
        parents[party].append((day, parent))
    return Populations([Sold(*row) for row in connection.execute(_SOLD, {"zone": time_zone})], parents)


def role_problems(book: Book, populations: Populations) -> list[Problem]:
    """Roles that resolve to nobody for something that is sold, at the item that names them. The book must be valid."""
    below = hops_below(book)
    found = set()
    for place in book.agreements.values():
        if place.value.associated_agreement is None:
            for version in place.value.versions:
                for sold in populations.sold:
                    if _is_covered(book, version, sold) and spans_overlap(version, sold):
                        found |= set(_unresolved(book, below, place.value, version, sold, populations.parents))
    return sorted(found)


def _is_covered(book: Book, version: AgreementVersion, sold: Sold) -> bool:
    offering = book.offerings.get(sold.offering)
    charged = {sold.offering}
    if offering is not None and isinstance(offering.value, BundleOffering):
        charged |= {component.offering for component in offering.value.components}
    return any(
        (cover.offering is None or cover.offering in charged) and cover.seller in (None, sold.seller)
        for cover in version.covers
    )


def _unresolved(
    book: Book,
    below: Mapping[str, list[Agreement]],
    root: Agreement,
    version: AgreementVersion,
    sold: Sold,
    parents: Parents,
) -> Iterator[Problem]:
    starts = max(version.effective_from, sold.effective_from)
    changes = {day for records in parents.values() for day, _ in records if day > starts}
    ends = [end for end in (version.effective_until, sold.effective_until) if end is not None]
    days = sorted(day for day in {starts, *changes} if not ends or day < min(ends))
    waiting = [root]
    while waiting:
        agreement = waiting.pop(0)
        waiting += below.get(agreement.id, [])
        place = book.agreements[agreement.id]
        for number, own in enumerate(agreement.versions):
            for position, item in enumerate(own.sharing):
                role = receiver_of(item, agreement.payer)
                if not is_role(role) or role == OPERATOR_ROLE:
                    continue
                in_force = [day for day in days if own.effective_from <= day and not _is_over(own, day)]
                day = next((day for day in in_force if _party(book, role, sold, day, parents) is None), None)
                if day is not None:
                    field = "remaining_to" if hasattr(item, "remaining_to") else "to"
                    path: Path = ("versions", number, "sharing", position, field)
                    seller = sold.seller or book.valid_operator.party
                    found_words = f"{role}, who is nobody for {sold.offering} sold by {seller} on {day}"
                    remedy = "Deliver the parent in a parties file, or name the party as receiver."
                    yield place.problem(path, found_words, "somebody for everything that is sold", remedy)


def _is_over(version: AgreementVersion, day: datetime.date) -> bool:
    return version.effective_until is not None and day >= version.effective_until


def _party(book: Book, role: str, sold: Sold, day: datetime.date, parents: Parents) -> str | None:
    root, *climbs = role.split(".")
    party: str | None = sold.seller or book.valid_operator.party
    if root == "content_provider":
        offering = book.offerings.get(sold.offering)
        party = offering.value.content_provider if offering else None
    for _ in climbs:
        records = [parent for since, parent in parents.get(party or "", ()) if since <= day]
        party = records[-1] if records else None
    return party
