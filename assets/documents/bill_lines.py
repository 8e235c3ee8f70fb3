"""Rows of a posted bill as its lines: products with their charges, adjustments, taxes, each in the reader's words.

Belongs here: one row to one line. Belongs elsewhere: reading the rows (``bills``), numbers as text (``phrases``).
"""

from collections import defaultdict
from functools import lru_cache
from typing import Any

from assets.documents.book_words import BookWords
from assets.documents.document import ChargeLine, Conversion, LineAdjustment, Party, ProductCharges, TaxLine
from assets.money import Money


def in_line_order(products: list[dict[str, Any]], lines: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The products of a bill in the order of their first line, each with its lines."""
    lines_by_product = defaultdict(list)
    for line in lines:
        lines_by_product[line["product_offering_id"], line["product_id"]].append(line)
    sums = {(row["offering_id"], row["product_id"]): row for row in products}
    return [{**sums[key], "lines": own_lines} for key, own_lines in lines_by_product.items()]


def product_charges(
    row: dict[str, Any],
    lines: list[dict[str, Any]],
    language: str,
    identifiers: dict[str, list[str]],
    sellers: dict[str, Party],
    words: BookWords,
    operator_party_id: str,
) -> ProductCharges:
    """A product of a bill, as ``in_line_order`` gives it, with all of its lines."""
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


def tax_line(row: dict[str, Any], language: str, words: BookWords) -> TaxLine:
    """One tax of a bill at one rate."""
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
