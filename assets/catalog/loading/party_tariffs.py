"""Writes the tariffs of agreements: price lists like those of offerings, found by the agreement and not by a product.

Belongs here: which tariffs there are, what each covers, who pays whom.
Belongs elsewhere: their prices (``loading.offerings``), guiding and rating (dbt).
"""

from collections.abc import Iterator, Mapping
from typing import Any

import psycopg

from assets.catalog.book import Book
from assets.catalog.loading.rows import copy_rows
from assets.catalog.models.agreement import Agreement
from assets.catalog.models.offering import Offering
from assets.catalog.models.party_tariff import AgreementTariff
from assets.catalog.models.pricing import resolved
from assets.rows import first_value

_TARIFF_COLUMNS = (
    "book_id",
    "offering_id",
    "agreement_id",
    "tariff_id",
    "payer_party_id",
    "receiver_party_id",
    "is_settled",
)


def party_tariffs(book: Book) -> Iterator[tuple[str, AgreementTariff]]:
    """The tariffs of all agreements by the id under which their prices are: ``agreement/tariff``.

    With the settings of the agreement where the tariff makes none.
    """
    for identifier in sorted(book.agreements):
        agreement = book.agreements[identifier].value
        for tariff in agreement.tariffs:
            yield f"{identifier}/{tariff.id}", with_settings_of(agreement, tariff)


def with_settings_of(agreement: Agreement, tariff: AgreementTariff) -> AgreementTariff:
    """The tariff with its agreement's settings of prices behind its own."""
    if agreement.pricing is None:
        return tariff
    return tariff.model_copy(update={"pricing": resolved(tariff.pricing, agreement.pricing)})


def price_lists(book: Book) -> Iterator[tuple[str, Offering | AgreementTariff]]:
    """Whatever has prices: offerings, then tariffs of agreements."""
    for identifier in sorted(book.offerings):
        yield identifier, book.offerings[identifier].value
    yield from party_tariffs(book)


def tariff_offerings(book: Book, book_id: int) -> Iterator[tuple[Any, ...]]:
    """Rows of ``catalog.offerings`` that hold the prices of tariffs; nobody can have them as a product."""
    supplier = book.valid_operator.legal_entities[0].id
    for identifier in sorted(book.agreements):
        agreement = book.agreements[identifier].value
        for tariff in agreement.tariffs:
            yield (
                book_id,
                f"{identifier}/{tariff.id}",
                "agreement",
                book.usage_specifications[tariff.covers[0].usage].value.service,
                agreement.versions[-1].settlement.tax_category,
                supplier,
                0,
                min(version.effective_from for version in agreement.versions),
                None,
                None,
                None,
            )


def load_party_tariffs(
    connection: psycopg.Connection, book: Book, book_id: int, specification_ids: Mapping[str, int]
) -> None:
    """Write the tariffs of all agreements of a checked book and what they cover."""
    tariffs: list[tuple[Any, ...]] = []
    conditions: list[tuple[Any, ...]] = []
    for offering_id, tariff in party_tariffs(book):
        agreement_id, tariff_id = offering_id.split("/")
        tariffs.append((book_id, offering_id, agreement_id, tariff_id, tariff.payer, tariff.receiver, tariff.settled))
    copy_rows(connection, "agreement_tariffs", _TARIFF_COLUMNS, tariffs)
    for offering_id, tariff in party_tariffs(book):
        for cover in tariff.covers:
            found = cover.identified_by
            inserted = connection.execute(
                """insert into catalog.agreement_tariff_covers (book_id, offering_id, usage_specification_id,
                       identified_characteristic, identifier_kind)
                   values (%s, %s, %s, %s, %s) returning cover_id""",
                [
                    book_id,
                    offering_id,
                    specification_ids[cover.usage],
                    found.characteristic if found else None,
                    found.identifier_kind if found else None,
                ],
            )
            cover_id = first_value(inserted)
            conditions += [
                (cover_id, name, condition.zone_list, condition.values) for name, condition in cover.where.items()
            ]
    columns = ("cover_id", "characteristic", "zone_list", "allowed_values")
    copy_rows(connection, "agreement_tariff_conditions", columns, conditions)
