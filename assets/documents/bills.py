"""Posted bills from the ledger, as documents: a few set-based queries for a batch of bills, none per bill.

Belongs here: SQL that reads bills, and grouping of its rows. Belongs elsewhere: the model (``document``), printing
(``render``), amounts (dbt models; the sums for groups are made in SQL here).
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from functools import lru_cache, partial
from itertools import groupby
from typing import Any
from uuid import UUID

import psycopg
from psycopg.rows import dict_row

from assets.documents.balances import allowance_balances, credit_balances, read_balances
from assets.documents.bill_roles import BillRoles, read_roles
from assets.documents.book_words import BookWords, read_book_words, read_parties
from assets.documents.document import (
    BillDocument,
    ChargeLine,
    Conversion,
    LineAdjustment,
    Party,
    ProductCharges,
    Proof,
    ReadDocument,
    ServiceTotal,
    TaxLine,
)
from assets.money import Money

# One document per statement, which holds the invoices of all suppliers.
BILL_KEYS = """
    select statement_key, statement_number from ledger.bill_statements
    where bill_run_id = %(bill_run_id)s and invoice_place = 1
    order by account_id
"""

_STATEMENTS = """
    select bill_key, statement_key, statement_gross_minor from ledger.bill_statements
    where bill_run_id = %(bill_run_id)s and statement_key = any(%(keys)s)
    order by account_id, invoice_place
"""

_BILLS = """
    select bills.*, runs.input_digest, runs.book_id, books.book_digest, books.operator_party_id,
        (runs.period_start at time zone books.time_zone)::date as first_day,
        ((runs.period_end - interval '1 microsecond') at time zone books.time_zone)::date as last_day,
        entities.legal_name, entities.address_lines, entities.country_code, entities.tax_number, entities.bank_account
    from ledger.customer_bills as bills
    join control.bill_runs as runs using (bill_run_id)
    join catalog.book_versions as books using (book_id)
    join catalog.legal_entities as entities using (book_id, legal_entity_id)
    where bills.bill_run_id = %(bill_run_id)s and bills.bill_key = any(%(keys)s)
"""

# Fees before usage, then the order in which the book lists the prices.
_LINES = """
    select posted.bill_key, lines.*, coalesce(lines.bundle_offering_id, lines.offering_id) as product_offering_id,
        case prices.measure_aggregation when 'count' then '1'
            else coalesce(specifications.quantity_units_of_measure[prices.measure_slot], '') end as unit,
        (lines.covered_from at time zone books.time_zone)::date as first_day,
        (greatest(lines.covered_until - interval '1 microsecond', lines.covered_from)
            at time zone books.time_zone)::date as last_day
    from ledger.posted_lines as posted
    join published.fct_applied_billing_rates as lines using (bill_run_id, line_key)
    join control.bill_runs as runs using (bill_run_id)
    join catalog.book_versions as books using (book_id)
    left join catalog.prices as prices using (price_version_id)
    left join catalog.usage_specification_versions as specifications
        on prices.book_id = specifications.book_id
        and prices.usage_specification_id = specifications.usage_specification_id
    where posted.bill_run_id = %(bill_run_id)s and posted.bill_key = any(%(keys)s)
    order by posted.bill_key, product_offering_id, lines.product_id,
        lines.line_number, lines.line_key
"""

_ADJUSTMENTS = """
    select posted.bill_key, adjustments.line_key, adjustments.adjustment_id, adjustments.kind, adjustments.amount_minor,
        credits.credit_kind, credits.name as credit_name
    from ledger.posted_lines as posted
    join published.fct_line_adjustments as adjustments using (bill_run_id, line_key)
    join published.fct_applied_billing_rates as lines using (bill_run_id, line_key)
    left join published.fct_account_credits as credits
        on lines.bill_run_id = credits.bill_run_id and lines.account_id = credits.account_id
        and adjustments.kind = credits.credit_kind and adjustments.adjustment_id = credits.credit_id
    where posted.bill_run_id = %(bill_run_id)s and posted.bill_key = any(%(keys)s)
    order by adjustments.line_key, adjustments.adjustment_number
"""

_SUMS = """
    select posted.bill_key, lines.service_kind, coalesce(lines.bundle_offering_id, lines.offering_id) as offering_id,
        lines.product_id, sum(lines.amount_minor)::bigint as net_minor
    from ledger.posted_lines as posted
    join published.fct_applied_billing_rates as lines using (bill_run_id, line_key)
    where posted.bill_run_id = %(bill_run_id)s and posted.bill_key = any(%(keys)s)
    group by grouping sets (
        (posted.bill_key, lines.service_kind),
        (posted.bill_key, coalesce(lines.bundle_offering_id, lines.offering_id), lines.product_id)
    )
    order by posted.bill_key, net_minor desc, lines.service_kind
"""

_TAXES = """
    select * from published.fct_bill_taxes
    where bill_run_id = %(bill_run_id)s and bill_key = any(%(keys)s)
    order by bill_key, tax_id <> 'vat', tax_rate_percent desc, tax_category, tax_treatment, tax_id
"""

_IDENTIFIERS = """
    select distinct identifiers.product_id, identifiers.identifier_kind, identifiers.identifier
    from inbox.product_identifiers as identifiers
    join control.bill_runs as runs on runs.bill_run_id = %(bill_run_id)s
    where identifiers.product_id = any(%(product_ids)s)
        and identifiers.effective_from < runs.period_end
        and coalesce(identifiers.effective_until, 'infinity') > runs.period_start
    order by identifiers.product_id, identifiers.identifier_kind, identifiers.identifier
"""


def bill_keys(connection: psycopg.Connection, bill_run_id: int) -> list[tuple[UUID, str]]:
    """Key and number of every statement of a run, in account order; they are those of its first invoice."""
    return connection.execute(BILL_KEYS, {"bill_run_id": bill_run_id}).fetchall()


def read_bills(connection: psycopg.Connection, bill_run_id: int, keys: Sequence[UUID]) -> Iterator[ReadDocument]:
    """The statements with these keys, in account order: one query per table for all of them.

    ``build()`` of a bill raises InconsistentDocumentError when its rows do not add up to its totals.
    """
    given: dict[str, Any] = {"bill_run_id": bill_run_id, "keys": list(keys)}
    with connection.cursor(row_factory=dict_row) as cursor:
        statements = cursor.execute(_STATEMENTS, given).fetchall()
        given["keys"] = [row["bill_key"] for row in statements]
        bills = {row["bill_key"]: row for row in cursor.execute(_BILLS, given)}
        lines = _by_bill(cursor.execute(_LINES, given))
        adjustments = defaultdict(list)
        for row in cursor.execute(_ADJUSTMENTS, given):
            adjustments[row["line_key"]].append(row)
        for rows in lines.values():
            for line in rows:
                line["adjustments"] = adjustments[line["line_key"]]
        sums = _by_bill(cursor.execute(_SUMS, given))
        taxes = _by_bill(cursor.execute(_TAXES, given))
        given["product_ids"] = sorted({line["product_id"] for rows in lines.values() for line in rows})
        identifiers = defaultdict(list)
        for row in cursor.execute(_IDENTIFIERS, given):
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
            _product(row, lines, language, identifiers, sellers, words, bill["operator_party_id"])
            for row in _in_line_order([row for row in sums if row["product_id"] is not None], lines)
        ),
        taxes=tuple(_tax(row, language, words) for row in taxes),
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


def _in_line_order(products: list[dict[str, Any]], lines: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The products of a bill in the order of their first line, each with its lines."""
    lines_by_product = defaultdict(list)
    for line in lines:
        lines_by_product[line["product_offering_id"], line["product_id"]].append(line)
    sums = {(row["offering_id"], row["product_id"]): row for row in products}
    return [{**sums[key], "lines": own_lines} for key, own_lines in lines_by_product.items()]


def _product(
    row: dict[str, Any],
    lines: list[dict[str, Any]],
    language: str,
    identifiers: dict[str, list[str]],
    sellers: dict[str, Party],
    words: BookWords,
    operator_party_id: str,
) -> ProductCharges:
    first = row["lines"][0]
    return ProductCharges(
        product_id=row["product_id"],
        offering_name=words.name("offering", row["offering_id"], language),
        service_kind=first["service_kind"],
        identifiers=tuple(identifiers.get(row["product_id"], ())),
        net=Money(row["net_minor"], first["currency_code"]),
        lines=tuple(_line(line, language, sellers, words, operator_party_id) for line in row["lines"]),
    )


def _line(
    line: dict[str, Any], language: str, sellers: dict[str, Party], words: BookWords, operator_party_id: str
) -> ChargeLine:
    # Usage of a bundle is priced by the component's offering, its fees by the bundle.
    owner = line["offering_id"] if line["charge_kind"] == "usage" else line["product_offering_id"]
    name = words.name("price", f"{owner}/{line['price_id']}", language)
    if line["bundle_offering_id"] is not None:
        name = f"{words.name('offering', line['offering_id'], language)} – {name}"
    seller_id = line["seller_party_id"]
    is_resold = seller_id is not None and seller_id != operator_party_id
    is_converted = line["price_currency_code"] != line["currency_code"]
    return ChargeLine(
        name=name,
        charge_kind=line["charge_kind"],
        first_day=line["first_day"],
        last_day=line["last_day"],
        is_late=line["is_late"],
        is_personal_price=line["price_override_id"] is not None,
        seller_name=(sellers[seller_id].name if seller_id in sellers else seller_id) if is_resold else None,
        event_count=line["event_count"],
        quantity=line["billed_quantity"],
        allowance=line["allowance_quantity"],
        unit=line["unit"],
        period_factor=line["period_factor"],
        tax_category=line["tax_category"],
        amount=Money(line["amount_minor"], line["currency_code"]),
        price_amount=line["amount_exact"] if is_converted else None,
        conversion=Conversion(
            line["price_currency_code"],
            line["currency_code"],
            line["fx_rate"],
            words.fx_source(line["fx_source"]),
            line["fx_date"],
        )
        if is_converted
        else None,
        before_discount=Money(line["before_discount_minor"], line["currency_code"]) if line["adjustments"] else None,
        adjustments=tuple(
            LineAdjustment(
                row["credit_name"] or _adjustment_name(row, owner, language, words),
                Money(row["amount_minor"], line["currency_code"]),
                row["credit_kind"] or "",
            )
            for row in line["adjustments"]
        ),
        gross=Money(line["amount_minor"] + line["tax_minor"], line["currency_code"])
        if line["is_tax_inclusive"]
        else None,
    )


def _adjustment_name(row: dict[str, Any], owner: str, language: str, words: BookWords) -> str:
    """As the book names it: an allowance that pays may be another offering's."""
    if row["kind"] == "allowance":
        return words.name("allowance", row["adjustment_id"], language)
    return words.name("adjustment", f"{owner}/{row['adjustment_id']}", language)


def _tax(row: dict[str, Any], language: str, words: BookWords) -> TaxLine:
    is_further_tax = row["tax_id"] != "vat"
    has_name = is_further_tax or ("tax", "vat") in words.texts
    is_foreign = row["home_currency_code"] != row["currency_code"]
    return TaxLine(
        tax_category=row["tax_category"],
        treatment=row["tax_treatment"],
        rate_percent=row["tax_rate_percent"],
        mention=row["tax_mention"],
        base=Money(row["base_minor"], row["currency_code"]),
        tax=Money(row["tax_minor"], row["currency_code"]),
        home_tax=Money(row["tax_home_minor"], row["home_currency_code"]) if is_foreign else None,
        home_conversion=Conversion(
            row["currency_code"],
            row["home_currency_code"],
            row["home_fx_rate"],
            words.fx_source(row["home_fx_source"]),
            row["home_fx_date"],
        )
        if is_foreign
        else None,
        tax_name=words.name("tax", row["tax_id"], language) if has_name else "",
        is_further_tax=is_further_tax,
    )


@lru_cache(maxsize=4096)
def shown_identifier(identifier_kind: str, identifier: str) -> str:
    """How a product's identifier is printed: telephone numbers in international groups, others as they are."""
    if identifier_kind != "msisdn":
        return identifier
    import phonenumbers

    try:
        number = phonenumbers.parse("+" + identifier.lstrip("+"))
    except phonenumbers.NumberParseException:
        return identifier
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.INTERNATIONAL)
