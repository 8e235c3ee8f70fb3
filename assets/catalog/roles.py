"""The five roles worked out: for each offering by itself, and as each root agreement version that covers it says.

Belongs here: which fact is meant where none is written, and what kind of company stands in a role.
Belongs elsewhere: the forms (``models.roles``), what is allowed (``checks.roles``), rows (``loading.roles``).
"""

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from itertools import product

from assets.catalog.book import Book
from assets.catalog.models.agreement import Agreement, AgreementVersion
from assets.catalog.models.operator import LegalEntity, Operator
from assets.catalog.models.roles import AgreementRoles, Revenue


@dataclass(frozen=True, slots=True)
class CustomerRoles:
    """Who is what towards the customer; ids of legal entities and of a brand."""

    supplier: str
    issuer: str
    mandate: str | None
    brand: str | None
    collector: str
    revenue: Revenue | None

    @property
    def revenue_as(self) -> str:
        """``principal`` or ``agent``."""
        return self.revenue.recognised_as if self.revenue else "principal"


@dataclass(frozen=True, slots=True)
class Combination:
    """A row of the decision table; ``*`` stands for any."""

    supplier_is: str
    issuer_is: str
    collector_is: str
    revenue_as: str
    is_allowed: bool
    needs_mandate: bool
    refused_because: str
    source: str

    def fits(self, situation: tuple[str, str, str, str]) -> bool:
        """Whether the row is about the situation."""
        own = (self.supplier_is, self.issuer_is, self.collector_is, self.revenue_as)
        return all(mine in ("*", wanted) for mine, wanted in zip(own, situation, strict=True))


# Supplier, issuer, collector, revenue: what a situation is made of.
SITUATIONS = tuple(
    product(
        ("operator", "partner"), ("supplier", "operator", "partner"), ("operator", "partner"), ("principal", "agent")
    )
)


@cache
def combinations() -> tuple[Combination, ...]:
    """The reviewed decision table; the first row that fits decides."""
    text = files("assets.catalog").joinpath("role_combinations.csv").read_text("utf-8")
    return tuple(
        Combination(
            **{**row, "is_allowed": row["is_allowed"] == "yes", "needs_mandate": row["needs_mandate"] == "yes"}  # type: ignore[arg-type]
        )
        for row in csv.DictReader(text.splitlines())
    )


def combination_of(roles: CustomerRoles, operator: Operator) -> Combination:
    """The row of the decision table for the companies that the roles name."""
    entities = {entity.id: entity for entity in operator.legal_entities}
    situation = (
        _kind(entities[roles.supplier], operator),
        "supplier" if roles.issuer == roles.supplier else _kind(entities[roles.issuer], operator),
        _kind(entities[roles.collector], operator),
        roles.revenue_as,
    )
    return next(row for row in combinations() if row.fits(situation))


def is_partner(entity: LegalEntity, operator: Operator) -> bool:
    """Whether a legal entity is a partner's company and not one of the operator's group."""
    return entity.party in operator.partners


def _kind(entity: LegalEntity, operator: Operator) -> str:
    return "partner" if is_partner(entity, operator) else "operator"


def roles_of(book: Book, offering_id: str, version: AgreementVersion | None = None) -> CustomerRoles:
    """The roles of an offering's lines, as a root agreement version says where it says anything."""
    offering = book.offerings[offering_id].value
    own = offering.roles
    agreed = version.roles if version and version.roles else AgreementRoles.model_validate({})
    supplier = agreed.supplier or offering.supplier
    # A supplier that the agreement names has none of the offering's helpers, unless the agreement names them too.
    if agreed.supplier is not None and agreed.supplier != offering.supplier:
        own = None
    issuer = agreed.issuer or (own and own.issuer) or supplier
    return CustomerRoles(
        supplier=supplier,
        issuer=issuer,
        mandate=agreed.mandate or (own and own.mandate) or None,
        brand=agreed.brand or (offering.roles and offering.roles.brand) or None,
        collector=agreed.collector or (own and own.collector) or issuer,
        revenue=agreed.revenue,
    )


def covered_offerings(book: Book, version: AgreementVersion) -> list[str]:
    """Offerings of which lines may be covered, in order of id."""
    named = [cover.offering for cover in version.covers]
    return sorted(name for name in book.offerings if None in named or name in named)


def versions_with_roles(book: Book) -> Iterator[tuple[Agreement, int, AgreementVersion]]:
    """Root agreement versions that state roles, with their place in the agreement, in order of agreement."""
    for identifier in sorted(book.agreements):
        agreement = book.agreements[identifier].value
        if agreement.associated_agreement is None:
            for position, version in enumerate(agreement.versions):
                if version.roles is not None:
                    yield agreement, position, version


def supplying_partner(book: Book, version: AgreementVersion) -> str | None:
    """The partner who supplies the lines of a version for VAT, or None where a company of the operator does."""
    if book.operator is None or version.roles is None or version.roles.supplier is None:
        return None
    operator = book.operator.value
    entities = {entity.id: entity for entity in operator.legal_entities}
    entity = entities.get(version.roles.supplier)
    return entity.party if entity is not None and is_partner(entity, operator) else None
