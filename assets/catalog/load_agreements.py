"""Writes agreements, covers, and the chains resolved into terms and ranked steps.

Belongs here: rows of the catalog tables that revenue shares read.
Belongs elsewhere: the resolution (``chains``), the transaction and the book version (``load``).
"""

from collections.abc import Iterator
from typing import Any

import psycopg
from psycopg.types.json import Jsonb

from assets.catalog.book import Book, dump
from assets.catalog.chains import resolve_chains
from assets.catalog.load_offerings import AtMidnight
from assets.catalog.models.agreement import Agreement, AgreementVersion
from assets.catalog.rows import copy_rows
from assets.rows import first_value

_INSERT_AGREEMENT = """
insert into catalog.agreements (
    book_id, agreement_id, version, effective_from, effective_until, known_from, payer_party_id,
    associated_agreement_id, associated_item_id, settlement_currency_code, fx_source, settlement_trigger, due_days,
    document_kind, tax_category, definition, payment_class, is_grossed_up, retention_percent, retention_days
)
values (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s)
returning agreement_version_id
"""
_ITEM_COLUMNS = (
    "agreement_version_id",
    "item_number",
    "item_id",
    "item_kind",
    "receiver_party_id",
    "amount",
    "measurement_period",
    "true_up",
    "percent",
    "is_taken_off",
)
_STEP_COLUMNS = (
    "terms_id",
    "step_number",
    "step_rank",
    "hop_number",
    "agreement_version_id",
    "item_id",
    "payer_party_id",
    "receiver_party_id",
    "receiver_role",
    "hop_base_step_number",
    "basis",
    "basis_step_number",
    "rule",
    "percent",
    "unit_amount",
    "is_kept",
)


def load_agreements(connection: psycopg.Connection, book: Book, book_id: int, at_midnight: AtMidnight) -> None:
    """Write all agreements of a checked book. ``at_midnight`` turns a local day into the instant at which it starts."""
    version_ids: dict[tuple[str, str], int] = {}
    covers: list[tuple[int, str | None, str | None, str | None]] = []
    for identifier in sorted(book.agreements):
        agreement = book.agreements[identifier].value
        for version in agreement.versions:
            version_id = _insert_version(connection, book_id, agreement, version, at_midnight)
            version_ids[(agreement.id, version.version)] = version_id
            covers += [(version_id, cover.offering, cover.price, cover.seller) for cover in version.covers]
    columns = ("agreement_version_id", "offering_id", "price_id", "seller_party_id")
    copy_rows(connection, "agreement_covers", columns, covers)
    copy_rows(connection, "agreement_items", _ITEM_COLUMNS, _item_rows(book, version_ids))
    _load_terms(connection, book, book_id, version_ids, at_midnight)


def _insert_version(
    connection: psycopg.Connection,
    book_id: int,
    agreement: Agreement,
    version: AgreementVersion,
    at_midnight: AtMidnight,
) -> int:
    above, terms = agreement.associated_agreement, version.settlement
    definition = {**dump(agreement), "versions": [dump(version)]}
    inserted = connection.execute(
        _INSERT_AGREEMENT,
        [
            book_id,
            agreement.id,
            version.version,
            at_midnight(version.effective_from),
            at_midnight(version.effective_until),
            version.known_from,
            agreement.payer,
            above.agreement if above else None,
            above.item if above else None,
            version.settlement.currency,
            version.settlement.fx_source,
            version.settlement.trigger,
            version.settlement.due_days,
            version.settlement.document,
            version.settlement.tax_category,
            Jsonb(definition),
            terms.withholding.payment_class if terms.withholding else None,
            terms.withholding is not None and terms.withholding.borne_by == "payer",
            terms.retention.percent if terms.retention else None,
            terms.retention.release_days if terms.retention else None,
        ],
    )
    return first_value(inserted)


def _item_rows(book: Book, version_ids: dict[tuple[str, str], int]) -> Iterator[tuple[Any, ...]]:
    for identifier in sorted(book.agreements):
        for version in book.agreements[identifier].value.versions:
            for number, item in enumerate(version.settlement.items, 1):
                yield (
                    version_ids[(identifier, version.version)], number, item.id, item.kind, item.to, item.amount,
                    item.period, item.true_up or "at_end", item.percent if item.percent is not None else 100,
                    item.direction == "from_receiver",
                )  # fmt: skip


def _load_terms(
    connection: psycopg.Connection,
    book: Book,
    book_id: int,
    version_ids: dict[tuple[str, str], int],
    at_midnight: AtMidnight,
) -> None:
    steps: list[tuple[object, ...]] = []
    for terms in resolve_chains(book):
        inserted = connection.execute(
            """
            insert into catalog.agreement_terms (book_id, root_agreement_version_id, effective_from, effective_until)
            values (%s, %s, %s, %s)
            returning terms_id
            """,
            [
                book_id,
                version_ids[(terms.agreement_id, terms.version)],
                at_midnight(terms.effective_from),
                at_midnight(terms.effective_until),
            ],
        )
        terms_id = first_value(inserted)
        steps += [
            (
                terms_id,
                step.step_number,
                step.step_rank,
                step.hop_number,
                version_ids[(step.agreement_id, step.version)],
                step.item_id,
                step.payer_party_id,
                step.receiver_party_id,
                step.receiver_role,
                step.hop_base_step_number,
                step.basis,
                step.basis_step_number,
                step.rule,
                step.percent,
                step.unit_amount,
                step.is_kept,
            )
            for step in terms.steps
        ]
    copy_rows(connection, "agreement_steps", _STEP_COLUMNS, steps)
