"""Checks of the five roles: that they name something, and that together they are allowed.

Belongs here: roles of offerings and agreements against the decision table ``role_combinations.csv``, and receivers that
are roles and resolve to nobody.
Belongs elsewhere: what is meant where nothing is written (``assets.catalog.roles``), the populations' part of roles
(``assets.catalog.role_populations``).
"""

from collections import Counter
from collections.abc import Iterator
from typing import Any

from assets.catalog.book import Book
from assets.catalog.models.agreement import Agreement, AgreementVersion
from assets.catalog.models.operator import Operator
from assets.catalog.models.party import is_role
from assets.catalog.models.roles import OfferingRoles
from assets.catalog.models.sharing import receiver_of
from assets.catalog.reading.problems import Path, Placed, Problem, listed, shown
from assets.catalog.roles import combination_of, covered_offerings, roles_of, supplying_partner, versions_with_roles


def check_roles(book: Book) -> Iterator[Problem]:
    """Problems of roles in offerings and agreements."""
    if book.operator is None:
        return
    operator = book.operator.value
    yield from _check_brands(book.operator, operator)
    for offering in book.offerings.values():
        found = list(_check_names(operator, offering, ("roles",), offering.value.roles))
        yield from found
        if not found:
            yield from _check_combination(book, offering, ("roles",), offering.value.id, None)
        yield from _check_content_provider(operator, offering)
    yield from _check_one_issuer(book)
    for place in book.agreements.values():
        for position, version in enumerate(place.value.versions):
            path: Path = ("versions", position)
            yield from _check_version(book, operator, place, path, version)
            yield from _check_role_receivers(book, place, path, version)


def _check_brands(place: Placed[Operator], operator: Operator) -> Iterator[Problem]:
    counts = Counter(brand.id for brand in operator.brands)
    known = {operator.party, *operator.partners}
    for position, brand in enumerate(operator.brands):
        if counts[brand.id] > 1:
            found = f"the brand {shown(brand.id)} {counts[brand.id]} times"
            yield place.problem(("brands", position, "id"), found, "each brand once", "Rename one.")
        if brand.party is not None and brand.party not in known:
            remedy = "Correct it, or add it to partners."
            yield place.problem(
                ("brands", position, "party"), f"party {shown(brand.party)}", f"one of {listed(known)}", remedy
            )


def _check_names(operator: Operator, place: Placed[Any], path: Path, roles: OfferingRoles | None) -> Iterator[Problem]:
    """Legal entities and brands that a role names."""
    entities = {entity.id for entity in operator.legal_entities}
    for field in ("supplier", "issuer", "collector"):
        name = getattr(roles, field, None)
        if name is not None and name not in entities:
            expected = f"one of {listed(entities)}"
            remedy = "Correct it, or add it to legal_entities in operator.yaml."
            yield place.problem((*path, field), f"legal entity {shown(name)}", expected, remedy)
    if roles is not None and roles.brand is not None and roles.brand not in {brand.id for brand in operator.brands}:
        expected = f"one of {listed(brand.id for brand in operator.brands)}"
        remedy = "Correct it, or add it to brands in operator.yaml."
        yield place.problem((*path, "brand"), f"brand {shown(roles.brand)}", expected, remedy)


def _check_combination(
    book: Book, place: Placed[Any], path: Path, offering_id: str, version: AgreementVersion | None
) -> Iterator[Problem]:
    roles = roles_of(book, offering_id, version)
    entities = {entity.id for entity in book.valid_operator.legal_entities}
    if not {roles.supplier, roles.issuer, roles.collector} <= entities:
        return
    row = combination_of(roles, book.valid_operator)
    words = (
        f"supplier {roles.supplier}, issuer {roles.issuer}, collector {roles.collector} and revenue as "
        f"{roles.revenue_as} for offering {offering_id}"
    )
    if not row.is_allowed:
        expected = f"a combination that is allowed: {row.refused_because} ({row.source})"
        yield place.problem(path, words, expected, "See docs/roles.md for what is allowed and why.")
    elif row.needs_mandate and roles.mandate is None:
        expected = f"the mandate by which {roles.issuer} writes invoices in the name of {roles.supplier} ({row.source})"
        yield place.problem(
            path, f"{words} without mandate", expected, "Add mandate with the reference of its contract."
        )


def _check_version(
    book: Book, operator: Operator, place: Placed[Agreement], path: Path, version: AgreementVersion
) -> Iterator[Problem]:
    where, roles, agreement = (*path, "roles"), version.roles, place.value
    if roles is None:
        return
    if agreement.associated_agreement is not None:
        yield place.problem(
            where, "roles in a hop of a chain", "none: roles are those towards the customer", "Write them at the root."
        )
        return
    found = list(_check_names(operator, place, where, roles))
    yield from found
    if not found and "offering" not in book.incomplete:
        problems = [
            problem
            for name in covered_offerings(book, version)
            for problem in _check_combination(book, place, where, name, version)
        ]
        # One wrong combination of many offerings is one mistake.
        yield from problems[:1]
    yield from _check_principal(operator, place, where, version, supplying_partner(book, version))
    brand = next((entry for entry in operator.brands if entry.id == roles.brand), None)
    if brand is not None and brand.party not in (None, operator.party, *agreement.parties):
        expected = f"a brand of one of parties: {listed(agreement.parties)}"
        yield place.problem((*where, "brand"), f"the brand of {brand.party}", expected, "Name whose brand may be used.")


def _check_principal(
    operator: Operator, place: Placed[Agreement], where: Path, version: AgreementVersion, supplier: str | None
) -> Iterator[Problem]:
    roles, agreement = version.roles, place.value
    revenue = roles.revenue if roles else None
    if revenue is None:
        return
    path = (*where, "revenue")
    principal = revenue.principal
    if revenue.recognised_as == "principal" and principal is not None:
        yield place.problem((*path, "principal"), "a principal beside the operator", "none", "Remove it.")
    elif revenue.recognised_as == "agent" and principal is None and supplier is None:
        found, expected = "an agent without principal", "the party for whom the operator acts"
        yield place.problem(path, found, expected, "Add principal: <party>.")
    elif principal is not None and (principal == operator.party or principal not in agreement.parties):
        expected = f"one of parties besides the operator: {listed(set(agreement.parties) - {operator.party})}"
        yield place.problem((*path, "principal"), f"principal {shown(principal)}", expected, "Name who is acted for.")
    elif supplier is not None and principal not in (None, supplier):
        expected = f"{supplier}, who supplies the customer"
        yield place.problem((*path, "principal"), f"principal {shown(principal)}", expected, "Remove it.")


def _check_one_issuer(book: Book) -> Iterator[Problem]:
    """An invoice holds all that its supplier supplies, so one company writes it and one collects it."""
    first: dict[str, tuple[tuple[str, str, str | None], str]] = {}
    stated: list[tuple[Placed[Any], Path, str, AgreementVersion | None]] = [
        (place, ("roles",), name, None) for name, place in sorted(book.offerings.items())
    ]
    for agreement, position, stating in versions_with_roles(book):
        where: Path = ("versions", position, "roles")
        stated += [(book.agreements[agreement.id], where, name, stating) for name in covered_offerings(book, stating)]
    for place, path, name, version in stated:
        roles = roles_of(book, name, version)
        own = (roles.issuer, roles.collector, roles.mandate)
        known, at = first.setdefault(
            roles.supplier, (own, f"{place.file.name}:{place.file.line_of(place.path + path)}")
        )
        if known != own:
            found = (
                f"issuer {roles.issuer}, collector {roles.collector} and mandate {roles.mandate} of {roles.supplier}"
            )
            expected = f"issuer {known[0]}, collector {known[1]} and mandate {known[2]}, as at {at}"
            remedy = "One invoice holds all that a supplier supplies: let one company write it and one collect it."
            yield place.problem(path, found, expected, remedy)


def _check_content_provider(operator: Operator, place: Placed[Any]) -> Iterator[Problem]:
    name = place.value.content_provider
    known = {operator.party, *operator.partners, *(entity.party for entity in operator.legal_entities)}
    if name is not None and name not in known:
        remedy = "Correct it, or add it to partners in operator.yaml."
        yield place.problem(("content_provider",), f"party {shown(name)}", f"one of {listed(known)}", remedy)


def _check_role_receivers(
    book: Book, place: Placed[Agreement], path: Path, version: AgreementVersion
) -> Iterator[Problem]:
    """A content provider must be there for every offering whose lines the chain can meet."""
    if "offering" in book.incomplete:
        return
    root, versions = _root_of(book, place)
    if root is None:
        return
    without = [
        name
        for root_version in versions
        for name in covered_offerings(book, root_version)
        if book.offerings[name].value.content_provider is None
    ]
    for position, item in enumerate(version.sharing):
        receiver = receiver_of(item, place.value.payer)
        if is_role(receiver) and receiver.startswith("content_provider") and without:
            field = "remaining_to" if hasattr(item, "remaining_to") else "to"
            found = f"{receiver}, who is nobody for offering {', '.join(sorted(set(without))[:5])}"
            expected = "a party for every offering that the agreement covers"
            remedy = "Add content_provider to the offering, name the party as receiver, or narrow the covers."
            yield place.problem((*path, "sharing", position, field), found, expected, remedy)


def _root_of(book: Book, place: Placed[Agreement]) -> tuple[Agreement | None, list[AgreementVersion]]:
    """The root of a chain, or None where the way up is broken or a circle, which other checks report."""
    seen: set[str] = set()
    agreement = place.value
    while agreement.associated_agreement is not None:
        if agreement.id in seen or agreement.hop_above.agreement not in book.agreements:
            return None, []
        seen.add(agreement.id)
        agreement = book.agreements[agreement.hop_above.agreement].value
    return agreement, agreement.versions
