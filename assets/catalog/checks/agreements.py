"""Checks of single agreements: parties, references, the waterfall, settlement terms.

Belongs here: rules inside one agreement.
Belongs elsewhere: chains of agreements (``agreement_chains``), two agreements for one line (``cover_ties``).
"""

from collections import Counter
from collections.abc import Iterator
from decimal import Decimal
from fractions import Fraction

from assets.catalog.book import Book
from assets.catalog.checks.versions import check_versions
from assets.catalog.models.agreement import (
    Agreement,
    AgreementVersion,
    PercentItem,
    PerUnitItem,
    RemainingItem,
    SharingItem,
    is_role,
)
from assets.catalog.models.grammar import decimal_text
from assets.catalog.problems import Path, Placed, Problem, listed, shown


def receiver_of(item: SharingItem) -> str:
    """The party or role that an item gives to."""
    return item.remaining_to if isinstance(item, RemainingItem) else item.to


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
            yield from _check_waterfall(place, path, version)
            yield from _check_settlement(book, place, path, version)


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
    if agreement.associated_agreement is None and agreement.payer != operator.party:
        found, expected = f"payer {shown(agreement.payer)}", f"the operator {operator.party}, whose bills are shared"
        remedy = "Name the operator, or add associated_agreement if this is a hop of a chain."
        yield place.problem(("payer",), found, expected, remedy)


def _check_covers(book: Book, place: Placed[Agreement], path: Path, version: AgreementVersion) -> Iterator[Problem]:
    is_root = place.value.associated_agreement is None
    if is_root and not version.covers:
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
        receiver = receiver_of(item)
        field = "remaining_to" if isinstance(item, RemainingItem) else "to"
        if not is_role(receiver) and receiver not in place.value.parties:
            expected = f"one of parties: {listed(place.value.parties)}, or a role such as seller"
            yield place.problem((*where, field), f"receiver {shown(receiver)}", expected, "Add it to parties.")
        if counts[item.id] > 1:
            found = f"the item {shown(item.id)} {counts[item.id]} times"
            yield place.problem((*where, "id"), found, "each item id once in a version", "Rename one.")


def _check_waterfall(place: Placed[Agreement], path: Path, version: AgreementVersion) -> Iterator[Problem]:
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


def _check_settlement(book: Book, place: Placed[Agreement], path: Path, version: AgreementVersion) -> Iterator[Problem]:
    settlement, where = version.settlement, (*path, "settlement")
    if book.operator is not None and settlement.currency not in book.operator.value.currencies:
        expected = f"one of the operator's currencies: {listed(book.operator.value.currencies)}"
        remedy = "Add it to currencies in operator.yaml."
        yield place.problem((*where, "currency"), f"currency {shown(settlement.currency)}", expected, remedy)
    if book.is_unknown("FX source", settlement.fx_source):
        found, expected = f"FX source {shown(settlement.fx_source)}", f"one of {listed(book.names('FX source'))}"
        yield place.problem((*where, "fx_source"), found, expected, "Define it in fx.yaml.")
    if book.is_unknown("tax category", settlement.tax_category):
        found = f"tax category {shown(settlement.tax_category)}"
        expected = f"one of {listed(book.names('tax category'))}"
        yield place.problem((*where, "tax_category"), found, expected, "Add rows for it to taxes.csv.")
