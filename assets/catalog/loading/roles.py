"""Writes brands and the five roles, worked out per offering and per root agreement version.

Belongs here: rows of ``catalog.brands`` and ``catalog.customer_roles``, the revenue columns of ``catalog.agreements``.
Belongs elsewhere: working roles out (``roles``), what a version holds besides (``loading.agreements``).
"""

from collections.abc import Iterator, Mapping
from typing import Any

import psycopg

from assets.catalog.book import Book
from assets.catalog.loading.rows import copy_rows
from assets.catalog.models.agreement import AgreementVersion
from assets.catalog.roles import covered_offerings, roles_of, supplying_partner, versions_with_roles

_COLUMNS = (
    "book_id", "offering_id", "agreement_version_id", "legal_entity_id", "issuer_legal_entity_id", "mandate",
    "brand_id", "collector_legal_entity_id", "revenue_as", "principal_party_id", "revenue_reason",
    "revenue_approved_by", "revenue_approved_on",
)  # fmt: skip


def load_brands(connection: psycopg.Connection, book: Book, book_id: int) -> None:
    """Write the brands of a checked book."""
    operator = book.valid_operator
    rows = [(book_id, brand.id, brand.name, brand.party or operator.party) for brand in operator.brands]
    copy_rows(connection, "brands", ("book_id", "brand_id", "brand_name", "party_id"), rows)


def load_customer_roles(
    connection: psycopg.Connection, book: Book, book_id: int, version_ids: Mapping[tuple[str, str], int]
) -> None:
    """Write the roles of every offering. ``version_ids`` are the keys of the agreement versions already written."""
    copy_rows(connection, "customer_roles", _COLUMNS, _role_rows(book, book_id, version_ids))


def revenue_values(book: Book, version: AgreementVersion) -> dict[str, Any]:
    """Columns of ``catalog.agreements`` on whose revenue the lines of a version are."""
    revenue = version.roles.revenue if version.roles else None
    if revenue is None or revenue.recognised_as == "principal":
        return {"revenue_as": "principal", "principal_party_id": None}
    return {"revenue_as": "agent", "principal_party_id": revenue.principal or supplying_partner(book, version)}


def _role_rows(book: Book, book_id: int, version_ids: Mapping[tuple[str, str], int]) -> Iterator[tuple[Any, ...]]:
    for offering in sorted(book.offerings):
        yield _role_row(book, book_id, offering, None, None)
    for agreement, _, version in versions_with_roles(book):
        for offering in covered_offerings(book, version):
            yield _role_row(book, book_id, offering, version, version_ids[(agreement.id, version.version)])


def _role_row(
    book: Book, book_id: int, offering: str, version: AgreementVersion | None, version_id: int | None
) -> tuple[Any, ...]:
    roles = roles_of(book, offering, version)
    revenue = roles.revenue
    principal = revenue_values(book, version)["principal_party_id"] if version else None
    said = (revenue.reason, revenue.approved_by, revenue.approved_on) if revenue else (None, None, None)
    return (
        book_id, offering, version_id, roles.supplier, roles.issuer, roles.mandate, roles.brand, roles.collector,
        roles.revenue_as, principal, *said,
    )  # fmt: skip
