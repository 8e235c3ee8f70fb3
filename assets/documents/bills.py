"""Posted bills from the ledger, as documents: a few set-based queries for a batch of bills, none per bill.

Belongs here: reading a batch, and putting a statement together of its invoices. Belongs elsewhere: the queries
(``bill_queries``), one line (``bill_lines``), the model (``document``), printing (``render``), amounts (dbt models).
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from functools import partial
from itertools import groupby
from typing import Any
from uuid import UUID

import psycopg
from psycopg.rows import dict_row

from assets.documents import bill_queries as queries
from assets.documents.balances import allowance_balances, credit_balances, read_balances
from assets.documents.bill_lines import in_line_order, product_charges, shown_identifier, tax_line
from assets.documents.bill_roles import BillRoles, read_roles
from assets.documents.book_words import BookWords, read_book_words, read_parties
from assets.documents.document import (
    BillDocument,
    Party,
    Proof,
    ReadDocument,
    ServiceTotal,
)
from assets.money import Money


def bill_keys(connection: psycopg.Connection, bill_run_id: int) -> list[tuple[UUID, str]]:
    """Key and number of every statement of a run, in account order; they are those of its first invoice."""
    return connection.execute(queries.BILL_KEYS, {"bill_run_id": bill_run_id}).fetchall()


def read_bills(connection: psycopg.Connection, bill_run_id: int, keys: Sequence[UUID]) -> Iterator[ReadDocument]:
    """The statements with these keys, in account order: one query per table for all of them.

    ``build()`` of a bill raises InconsistentDocumentError when its rows do not add up to its totals.
    """
    given: dict[str, Any] = {"bill_run_id": bill_run_id, "keys": list(keys)}
    with connection.cursor(row_factory=dict_row) as cursor:
        statements = cursor.execute(queries.STATEMENTS, given).fetchall()
        given["keys"] = [row["bill_key"] for row in statements]
        bills = {row["bill_key"]: row for row in cursor.execute(queries.BILLS, given)}
        lines = _by_bill(cursor.execute(queries.LINES, given))
        adjustments = defaultdict(list)
        for row in cursor.execute(queries.ADJUSTMENTS, given):
            adjustments[row["line_key"]].append(row)
        for rows in lines.values():
            for line in rows:
                line["adjustments"] = adjustments[line["line_key"]]
        sums = _by_bill(cursor.execute(queries.SUMS, given))
        taxes = _by_bill(cursor.execute(queries.TAXES, given))
        given["product_ids"] = sorted({line["product_id"] for rows in lines.values() for line in rows})
        identifiers = defaultdict(list)
        for row in cursor.execute(queries.IDENTIFIERS, given):
            identifiers[row["product_id"]].append(shown_identifier(row["identifier_kind"], row["identifier"]))
        allowances, credits = read_balances(cursor, given)
    if not bills:
        return
    seller_ids = {line["seller_party_id"] for rows in lines.values() for line in rows} - {None}
    first = next(iter(bills.values()))
    sellers = read_parties(connection, seller_ids, first["issue_date"])
    words = read_book_words(connection, first["book_id"])
    roles = read_roles(connection, given)

    def invoice(key: UUID) -> BillDocument:
        bill = _bill(
            bills[key], lines[key], sums[key], taxes[key], identifiers, sellers, words, allowances[key], credits[key]
        )
        return _with_roles(bill, roles.get(key, BillRoles()))

    for statement_key, group in groupby(statements, key=lambda row: row["statement_key"]):
        yield ReadDocument(
            str(statement_key), bills[statement_key]["bill_number"], partial(_statement, list(group), invoice)
        )


def _statement(rows: list[dict[str, Any]], invoice: Callable[[UUID], BillDocument]) -> BillDocument:
    """The invoices of one statement as one document; with one supplier that is its invoice."""
    first, *further = (invoice(row["bill_key"]) for row in rows)
    if not further:
        return first
    brands = {bill.brand_name for bill in (first, *further)}
    return replace(
        first,
        # What an account has left stands once on its statement.
        further_invoices=tuple(replace(bill, credits=()) for bill in further),
        due=Money(rows[0]["statement_gross_minor"], first.currency_code),
        brand_name=first.brand_name if len(brands) == 1 else None,
        is_own_brand=first.is_own_brand or len(brands) > 1,
    )


def _with_roles(bill: BillDocument, roles: BillRoles) -> BillDocument:
    is_issued_by_another = roles.issuer_name not in (None, bill.supplier.name)
    return replace(
        bill,
        issuer_name=roles.issuer_name if is_issued_by_another else None,
        mandate=roles.mandate if is_issued_by_another else None,
        collector=roles.collector if roles.collector and roles.collector.name != bill.supplier.name else None,
        brand_name=roles.brand_name,
        is_own_brand=roles.is_own_brand,
    )


def _by_bill(rows: Iterable[dict[str, Any]]) -> dict[UUID, list[dict[str, Any]]]:
    grouped: dict[UUID, list[dict[str, Any]]] = defaultdict(list)
    for row in rows:
        grouped[row["bill_key"]].append(row)
    return grouped


def _bill(
    bill: dict[str, Any],
    lines: list[dict[str, Any]],
    sums: list[dict[str, Any]],
    taxes: list[dict[str, Any]],
    identifiers: dict[str, list[str]],
    sellers: dict[str, Party],
    words: BookWords,
    allowances: list[dict[str, Any]],
    credits: list[dict[str, Any]],
) -> BillDocument:
    currency, language = bill["currency_code"], bill["language_code"]
    services = [row for row in sums if row["product_id"] is None]
    customer = bill["customer"]
    return BillDocument(
        number=bill["bill_number"],
        language_code=language,
        currency_code=currency,
        account_id=bill["account_id"],
        supplier=Party(
            bill["legal_name"],
            tuple(bill["address_lines"]),
            bill["country_code"],
            bill["tax_number"],
            bill["bank_account"],
        ),
        customer=Party(
            customer["name"], tuple(customer["address_lines"]), customer["country_code"], customer.get("tax_number")
        ),
        issue_date=bill["issue_date"],
        due_date=bill["due_date"],
        first_day=bill["first_day"],
        last_day=bill["last_day"],
        net=Money(bill["net_minor"], currency),
        tax=Money(bill["tax_minor"], currency),
        gross=Money(bill["gross_minor"], currency),
        services=_services(services, currency, language, words),
        products=tuple(
            product_charges(row, lines, language, identifiers, sellers, words, bill["operator_party_id"])
            for row in in_line_order([row for row in sums if row["product_id"] is not None], lines)
        ),
        taxes=tuple(tax_line(row, language, words) for row in taxes),
        proof=Proof(
            bill["bill_run_id"],
            bill["period_id"],
            bill["book_digest"],
            bill["input_digest"] or "-",
            str(bill["bill_key"]),
        ),
        allowances=allowance_balances(allowances, language, identifiers, words),
        credits=credit_balances(credits, currency),
    )


def _services(rows: list[dict[str, Any]], currency: str, language: str, words: BookWords) -> tuple[ServiceTotal, ...]:
    """Bars are as long as the service's part of the largest one; a credit has none."""
    largest = max((row["net_minor"] for row in rows), default=0)
    return tuple(
        ServiceTotal(
            row["service_kind"],
            Money(row["net_minor"], currency),
            max(row["net_minor"], 0) * 1000 // largest if largest > 0 else 0,
            words.name("service", row["service_kind"], language)
            if ("service", row["service_kind"]) in words.texts
            else "",
        )
        for row in rows
    )
