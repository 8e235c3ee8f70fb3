"""Checks of single agreements: parties, references, covers, receivers.

Belongs here: rules inside one agreement.
Belongs elsewhere: what the items give out (``waterfall``), settlement terms (``settlement_terms``), chains of
agreements (``agreement_chains``), two agreements for one line (``cover_ties``).
"""

from collections import Counter
from collections.abc import Iterator

from assets.catalog.book import Book
from assets.catalog.checks.settlement_terms import check_settlement_terms
from assets.catalog.checks.versions import check_versions
from assets.catalog.checks.waterfall import check_waterfall
from assets.catalog.models.agreement import Agreement, AgreementVersion
from assets.catalog.models.party import is_role
from assets.catalog.models.sharing import KeptItem, RemainingItem, receiver_of
from assets.catalog.reading.problems import Path, Placed, Problem, listed, shown
from assets.catalog.roles import supplying_partner


def check_agreements(book: Book) -> Iterator[Problem]:
    """Problems inside every agreement."""
    for place in book.agreements.values():
        yield from _check_parties(book, place)
        yield from check_versions(place, ("versions",), place.value.versions)
        counts = Counter(version.version for version in place.value.versions)
        for position, version in enumerate(place.value.versions):
            path: Path = ("versions", position)
            if counts[version.version] > 1:
                found = f"version {shown(version.version)} {counts[version.version]} times"
                yield place.problem((*path, "version"), found, "each version once", "Rename one.")
            yield from _check_covers(book, place, path, version)
            yield from _check_receivers(place, path, version)
            if version.sharing:
                yield from check_waterfall(place, path, version)
            yield from check_settlement_terms(book, place, path, version)


def _check_parties(book: Book, place: Placed[Agreement]) -> Iterator[Problem]:
    agreement = place.value
    if agreement.payer not in agreement.parties:
        found, expected = f"payer {shown(agreement.payer)}", f"one of parties: {listed(agreement.parties)}"
        yield place.problem(("payer",), found, expected, "Add it to parties.")
    if book.operator is None:
        return
    operator = book.operator.value
    known = {operator.party, *operator.partners, *(entity.party for entity in operator.legal_entities)}
    for position, party in enumerate(agreement.parties):
        if party not in known:
            remedy = "Correct it, or add it to partners in operator.yaml."
            yield place.problem(("parties", position), f"party {shown(party)}", f"one of {listed(known)}", remedy)
    if agreement.associated_agreement is None:
        yield from _check_root_payer(book, place, operator.party)


def _check_root_payer(book: Book, place: Placed[Agreement], operator: str) -> Iterator[Problem]:
    """A root agreement shares the revenue of who supplies the customer: the operator, or a partner it bills for."""
    payer = place.value.payer
    suppliers = {supplying_partner(book, version) or operator for version in place.value.versions}
    if suppliers == {payer}:
        return
    found, expected = f"payer {shown(payer)}", f"the operator {operator}, whose bills are shared"
    remedy = "Name the operator, or add associated_agreement if this is a hop of a chain."
    if suppliers != {operator}:
        expected = f"the party that supplies the customer in every version: {listed(suppliers)}"
        remedy = "Name it, or give what another party supplies an agreement of its own."
    yield place.problem(("payer",), found, expected, remedy)


def _check_covers(book: Book, place: Placed[Agreement], path: Path, version: AgreementVersion) -> Iterator[Problem]:
    is_root = place.value.associated_agreement is None
    if not version.sharing and (version.covers or not place.value.tariffs or not is_root):
        remedy = "Add sharing; without covers an agreement of tariffs needs none."
        yield place.problem(path, "no sharing", "the waterfall of the lines that are covered", remedy)
    if is_root and not version.covers and version.sharing:
        remedy = "Add covers, for example - {offering: <id>}."
        yield place.problem(path, "no covers", "the lines that the agreement covers", remedy)
    if not is_root and version.covers:
        found, expected = "covers in a hop of a chain", "none: a hop shares what its associated item gave"
        yield place.problem((*path, "covers"), found, expected, "Remove covers.")
    for position, cover in enumerate(version.covers):
        where = (*path, "covers", position)
        if cover.offering is not None and book.is_unknown("offering", cover.offering):
            expected = f"one of {listed(book.names('offering'))}"
            found = f"offering {shown(cover.offering)}"
            yield place.problem((*where, "offering"), found, expected, "Correct it, or define the offering.")
        if cover.price is not None and "offering" not in book.incomplete:
            # An offering that is broken itself says nothing about its prices.
            all_read = book.names("offering") <= book.offerings.keys()
            offerings = (
                [book.offerings[cover.offering]] if cover.offering in book.offerings else book.offerings.values()
            )
            prices = {price.id for offering in offerings for price in offering.value.prices}
            if all_read and cover.price not in prices:
                found, expected = f"price {shown(cover.price)}", f"one of {listed(prices)}"
                yield place.problem((*where, "price"), found, expected, "Correct it, or define the price.")
        if cover.seller is not None and cover.seller not in place.value.parties:
            found, expected = f"seller {shown(cover.seller)}", f"one of parties: {listed(place.value.parties)}"
            yield place.problem((*where, "seller"), found, expected, "Add it to parties.")


def _check_receivers(place: Placed[Agreement], path: Path, version: AgreementVersion) -> Iterator[Problem]:
    counts = Counter(item.id for item in version.sharing)
    for position, item in enumerate(version.sharing):
        where = (*path, "sharing", position)
        receiver = receiver_of(item, place.value.payer)
        field = "remaining_to" if isinstance(item, RemainingItem) else "to"
        if not is_role(receiver) and receiver not in place.value.parties and not isinstance(item, KeptItem):
            expected = f"one of parties: {listed(place.value.parties)}, or a role such as seller"
            yield place.problem((*where, field), f"receiver {shown(receiver)}", expected, "Add it to parties.")
        if counts[item.id] > 1:
            found = f"the item {shown(item.id)} {counts[item.id]} times"
            yield place.problem((*where, "id"), found, "each item id once in a version", "Rename one.")
