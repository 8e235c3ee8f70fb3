"""Writes agreements, covers and tiers.

Belongs here: rows of the catalog tables that say what a version of an agreement holds.
Belongs elsewhere: settlement terms (``loading.settlement_terms``), steps (``loading.agreement_steps``),
the transaction and the book version (``loading``).
"""

from collections.abc import Iterator
from decimal import Decimal

import psycopg
from psycopg import sql
from psycopg.types.json import Jsonb

from assets.catalog.book import Book, dump
from assets.catalog.loading.agreement_steps import load_steps
from assets.catalog.loading.offerings import AtMidnight
from assets.catalog.loading.roles import load_customer_roles, revenue_values
from assets.catalog.loading.rows import copy_rows
from assets.catalog.loading.settlement_terms import ITEM_COLUMNS, item_rows, settlement_values, terms_digest
from assets.catalog.models.agreement import Agreement, AgreementVersion
from assets.catalog.models.sharing import TiersItem
from assets.catalog.models.sharing_terms import resolved_split
from assets.rows import first_value

_TIER_COLUMNS = (
    "agreement_version_id",
    "item_id",
    "tier_number",
    "from_measure",
    "until_measure",
    "percent",
    "unit_amount",
)


def load_agreements(connection: psycopg.Connection, book: Book, book_id: int, at_midnight: AtMidnight) -> None:
    """Write all agreements of a checked book. ``at_midnight`` turns a local day into the instant at which it starts."""
    version_ids: dict[tuple[str, str], int] = {}
    covers: list[tuple[int, str | None, str | None, str | None]] = []
    tiers: list[tuple[object, ...]] = []
    for identifier in sorted(book.agreements):
        agreement = book.agreements[identifier].value
        for version in agreement.versions:
            version_id = _insert_version(connection, book, book_id, agreement, version, at_midnight)
            version_ids[(agreement.id, version.version)] = version_id
            covers += [(version_id, cover.offering, cover.price, cover.seller) for cover in version.covers]
            tiers += _tier_rows(version_id, version)
    columns = ("agreement_version_id", "offering_id", "price_id", "seller_party_id")
    copy_rows(connection, "agreement_covers", columns, covers)
    copy_rows(connection, "agreement_tiers", _TIER_COLUMNS, tiers)
    copy_rows(connection, "agreement_items", ITEM_COLUMNS, item_rows(book, version_ids))
    load_customer_roles(connection, book, book_id, version_ids)
    load_steps(connection, book, book_id, version_ids, at_midnight)


def _insert_version(
    connection: psycopg.Connection,
    book: Book,
    book_id: int,
    agreement: Agreement,
    version: AgreementVersion,
    at_midnight: AtMidnight,
) -> int:
    above = agreement.associated_agreement
    split = resolved_split(version.split, book.valid_operator.split)
    values = {
        "book_id": book_id,
        "agreement_id": agreement.id,
        "version": version.version,
        "effective_from": at_midnight(version.effective_from),
        "effective_until": at_midnight(version.effective_until),
        "known_from": version.known_from,
        "payer_party_id": agreement.payer,
        "associated_agreement_id": above.agreement if above else None,
        "associated_item_id": above.item if above else None,
        **settlement_values(version.settlement),
        "terms_digest": terms_digest(agreement, version),
        **revenue_values(book, version),
        "split_method": split.left_over,
        "split_negatives": split.negatives,
        "split_step": split.step,
        "split_left_over_item": split.left_over_to,
        "discounts_borne_by": version.bears.discounts,
        "trials_borne_by": version.bears.trials,
        "bad_debt_borne_by": version.bears.bad_debt,
        "fraud_borne_by": version.bears.fraud,
        "definition": Jsonb({**dump(agreement), "versions": [dump(version)]}),
    }
    insert = sql.SQL("insert into catalog.agreements ({}) values ({}) returning agreement_version_id").format(
        sql.SQL(", ").join(map(sql.Identifier, values)), sql.SQL(", ").join(map(sql.Placeholder, values))
    )
    return first_value(connection.execute(insert, values))


def _tier_rows(version_id: int, version: AgreementVersion) -> Iterator[tuple[object, ...]]:
    """Tiers of the version's items; the first starts at 0 and each of the others where the one before ends."""
    for item in version.sharing:
        lower = Decimal(0)
        for number, step in enumerate(item.tiers.steps if isinstance(item, TiersItem) else [], start=1):
            yield version_id, item.id, number, lower, step.up_to, step.percent, step.per_unit
            lower = step.up_to or lower
