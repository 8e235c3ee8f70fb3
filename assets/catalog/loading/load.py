"""Writes a checked book into schema ``catalog``: one set of dated rows per digest.

Belongs here: the book's rows, in one transaction; the same digest again writes none.
Belongs elsewhere: checking (``check``), details (``loading.offerings``, ``loading.agreements``).
"""

import datetime
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any
from zoneinfo import ZoneInfo

import psycopg
from psycopg.types.json import Jsonb

from assets.catalog.book import Book, definition_of, dump
from assets.catalog.check import CheckedBook
from assets.catalog.loading.agreements import load_agreements
from assets.catalog.loading.calendars import load_calendars
from assets.catalog.loading.offerings import load_offerings
from assets.catalog.loading.party_tariffs import load_party_tariffs, party_tariffs, price_lists
from assets.catalog.loading.roles import load_brands
from assets.catalog.loading.rows import copy_rows
from assets.catalog.reference import ecb_rates, minor_digits
from assets.catalog.roles import is_partner
from assets.rows import first_value


class BookHasProblems(ValueError):
    """A book with problems was given to be loaded. A rerun cannot help; the book has to be corrected."""


@dataclass(frozen=True, slots=True)
class LoadedBook:
    """Where a book is in the database.

    ``fx_rates_added`` counts rates that were not there before; ``fx_rates_differing`` those that the package gives
    otherwise than the table, whose rates stay as they are.
    """

    book_id: int
    book_digest: str
    is_new: bool
    fx_rates_added: int
    fx_rates_differing: int


def load_book(connection: psycopg.Connection, checked_book: CheckedBook, *, make_current: bool = True) -> LoadedBook:
    """Load a book that passed all checks, and make it the current one; all or nothing, also inside a transaction.

    Args:
        make_current: Without it the book is there to be tried and the one in use stays the current one. Ask for that
            only where a book is in use.

    Raises:
        BookHasProblems: The book has problems.
    """
    if checked_book.problems or checked_book.digest is None:
        raise BookHasProblems(
            f"{checked_book.folder}: found {len(checked_book.problems)} problem(s), expected none. "
            f"Run `apportion check` and correct them:\n{checked_book.report()}"
        )
    book, digest = checked_book.book, checked_book.digest
    with connection.transaction():
        _load_currencies(connection, book)
        added, differing = _load_fx_rates(connection, book)
        book_id = _insert_book_version(connection, book, digest)
        is_new = book_id is not None
        if book_id is None:
            stored = connection.execute("select book_id from catalog.book_versions where book_digest = %s", [digest])
            book_id = first_value(stored)
        else:
            _load_rules(connection, book, book_id)
        if make_current:
            _use(connection, book_id)
    return LoadedBook(book_id, digest, is_new, added, differing)


def _use(connection: psycopg.Connection, book_id: int) -> None:
    """Make the book the current one; noted only when another was current, so that loading again changes nothing."""
    connection.execute(
        """insert into catalog.book_uses (book_id) select %(book_id)s where %(book_id)s is distinct from (
            select book_id from catalog.book_uses order by use_number desc limit 1)""",
        {"book_id": book_id},
    )


def _insert_book_version(connection: psycopg.Connection, book: Book, digest: str) -> int | None:
    operator = book.valid_operator
    row = connection.execute(
        """
        insert into catalog.book_versions (book_digest, operator_party_id, time_zone, home_currency, definition)
        values (%s, %s, %s, %s, %s)
        on conflict (book_digest) do nothing
        returning book_id
        """,
        [digest, operator.party, operator.time_zone, operator.home_currency, Jsonb(definition_of(book))],
    ).fetchone()
    return row[0] if row else None


def _load_rules(connection: psycopg.Connection, book: Book, book_id: int) -> None:
    zone = ZoneInfo(book.valid_operator.time_zone)

    def at_midnight(day: datetime.date | None) -> datetime.datetime | None:
        return None if day is None else datetime.datetime.combine(day, datetime.time(), zone)

    specification_ids = _load_usage_specifications(connection, book, book_id)
    copy_rows(
        connection, "texts", ("book_id", "object_kind", "object_id", "language_code", "text"), _texts(book, book_id)
    )
    _load_legal_entities(connection, book, book_id)
    copy_rows(
        connection,
        "zone_prefixes",
        ("book_id", "zone_list", "zone", "prefix"),
        (
            (book_id, name, zone_name, prefix)
            for name in sorted(book.zone_lists)
            for prefix, zone_name in sorted(book.zone_lists[name].zone_by_prefix.items())
        ),
    )
    _load_tax_rules(connection, book, book_id)
    load_calendars(connection, book, book_id)
    load_offerings(connection, book, book_id, specification_ids, at_midnight)
    load_agreements(connection, book, book_id, at_midnight)
    load_party_tariffs(connection, book, book_id, specification_ids)


def _load_currencies(connection: psycopg.Connection, book: Book) -> None:
    with connection.cursor() as cursor:
        cursor.executemany(
            "insert into catalog.currencies (currency_code, minor_digits) values (%s, %s) on conflict do nothing",
            [(code, minor_digits(code)) for code in sorted({*book.valid_operator.currencies, "EUR"})],
        )


def _load_fx_rates(connection: psycopg.Connection, book: Book) -> tuple[int, int]:
    """Append rates that are not there; a published rate is never changed afterwards."""
    columns = ("fx_source", "rate_date", "base_currency_code", "quote_currency_code", "rate")
    rows = [
        (source, day, "EUR", currency, rate)
        for source in sorted(book.fx_sources)
        if book.fx_sources[source].value.package is not None
        for day, currency, rate in ecb_rates(book.valid_operator.currencies)
    ]
    connection.execute("create temporary table incoming_fx_rates (like catalog.fx_rates) on commit drop")
    copy_rows(connection, "incoming_fx_rates", columns, rows, schema="pg_temp")
    compared = connection.execute(
        """
        select count(*)
        from incoming_fx_rates as incoming
        inner join catalog.fx_rates as stored
            using (fx_source, rate_date, base_currency_code, quote_currency_code)
        where stored.rate <> incoming.rate
        """
    )
    differing = first_value(compared)
    added = connection.execute(
        "insert into catalog.fx_rates select * from incoming_fx_rates on conflict do nothing"
    ).rowcount
    connection.execute("drop table incoming_fx_rates")
    return added, differing


def _load_usage_specifications(connection: psycopg.Connection, book: Book, book_id: int) -> dict[str, int]:
    """Write the specifications; ids stay the same over all book versions. Returns id by code."""
    ids: dict[str, int] = {}
    for code in sorted(book.usage_specifications):
        specification = book.usage_specifications[code].value
        connection.execute(
            "insert into catalog.usage_specifications (usage_specification_code) values (%s) on conflict do nothing",
            [code],
        )
        stored = connection.execute(
            "select usage_specification_id from catalog.usage_specifications where usage_specification_code = %s",
            [code],
        )
        ids[code] = first_value(stored)
        connection.execute(
            """
            insert into catalog.usage_specification_versions (
                book_id, usage_specification_id, definition, quantity_scales, quantity_units_of_measure, duration_slot,
                guided_to
            )
            values (%s, %s, %s, %s, %s, %s, %s)
            """,
            [
                book_id,
                ids[code],
                Jsonb(dump(specification)),
                [quantity.scale for quantity in specification.quantities],
                [quantity.unit for quantity in specification.quantities],
                specification.duration_slot,
                specification.guided_to,
            ],
        )
    return ids


def _texts(book: Book, book_id: int) -> Iterator[tuple[Any, ...]]:
    kinds: Iterable[tuple[str, dict[str, Any]]] = (
        ("usage_specification", book.usage_specifications),
        ("offering", book.offerings),
        ("agreement", book.agreements),
    )
    for kind, places in kinds:
        for identifier in sorted(places):
            for language, text in places[identifier].value.name.items():
                yield book_id, kind, identifier, language, text
    for tax in book.valid_operator.taxes:
        for language, text in tax.name.items():
            yield book_id, "tax", tax.id, language, text
    for service in book.valid_operator.services:
        for language, text in service.name.items():
            yield book_id, "service", service.id, language, text
    for identifier, tariff in party_tariffs(book):
        for language, text in tariff.name.items():
            yield book_id, "offering", identifier, language, text
    for identifier, offering in price_lists(book):
        entries = [*offering.adjustments, *(entry for price in offering.prices for entry in price.adjustments)]
        for entry in entries:
            for language, text in entry.name.items():
                yield book_id, "adjustment", f"{identifier}/{entry.id}", language, text
        for price in offering.prices:
            for language, text in price.name.items():
                yield book_id, "price", f"{identifier}/{price.id}", language, text
    for simple in book.simple_offerings:
        for allowance in simple.value.allowances:
            for language, text in (allowance.name or {}).items():
                yield book_id, "allowance", f"{simple.value.id}/{allowance.id}", language, text


def _load_legal_entities(connection: psycopg.Connection, book: Book, book_id: int) -> None:
    columns = (
        "book_id",
        "legal_entity_id",
        "party_id",
        "legal_name",
        "country_code",
        "tax_number",
        "currency_code",
        "bank_account",
        "address_lines",
        "bill_series_prefix",
        "is_partner",
    )
    rows = [
        (
            book_id,
            entity.id,
            entity.party,
            entity.name,
            entity.country,
            entity.tax_number,
            entity.currency,
            entity.bank_account,
            entity.address,
            entity.bill_series_prefix,
            is_partner(entity, book.valid_operator),
        )
        for entity in book.valid_operator.legal_entities
    ]
    copy_rows(connection, "legal_entities", columns, rows)
    load_brands(connection, book, book_id)
    copy_rows(
        connection,
        "payment_accounts",
        ("book_id", "legal_entity_id", "currency_code", "iban", "bic"),
        _payment_accounts(book, book_id),
    )
    withholding_columns = (
        "book_id", "payment_class", "payer_country_code", "receiver_country_code", "rate_percent",
        "certificate_rate_percent", "is_rounded_to_major", "effective_from", "effective_until",
    )  # fmt: skip
    copy_rows(connection, "withholding_rules", withholding_columns, _withholding_rules(book, book_id))


def _withholding_rules(book: Book, book_id: int) -> Iterator[tuple]:
    for rule in book.valid_operator.withholding:
        yield (
            book_id, rule.payment_class, rule.payer_country, rule.receiver_country, rule.rate_percent,
            rule.certificate_rate_percent, rule.round_to == "major", rule.effective_from, rule.effective_until,
        )  # fmt: skip


def _payment_accounts(book: Book, book_id: int) -> Iterator[tuple]:
    """What pays in each currency: the accounts named for it, else the entity's own account in its own currency."""
    for entity in book.valid_operator.legal_entities:
        for account in entity.payment_accounts:
            yield book_id, entity.id, account.currency, account.iban, account.bic
        named = {account.currency for account in entity.payment_accounts}
        if entity.bank_account is not None and entity.currency not in named:
            yield book_id, entity.id, entity.currency, entity.bank_account, None


def _load_tax_rules(connection: psycopg.Connection, book: Book, book_id: int) -> None:
    columns = (
        "book_id",
        "supplier_country_code",
        "receiver_country_code",
        "receiver_status",
        "tax_category",
        "treatment",
        "rate_percent",
        "mention",
        "effective_from",
        "effective_until",
        "tax_id",
    )
    rows = [
        (
            book_id,
            row.supplier_country,
            row.receiver_country,
            row.receiver_status,
            row.tax_category,
            row.treatment,
            book.tax_rate(row),
            row.mention,
            row.effective_from,
            row.effective_until,
            row.tax,
        )
        for row in (place.value for place in book.taxes)
    ]
    copy_rows(connection, "tax_rules", columns, rows)
