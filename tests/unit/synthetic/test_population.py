"""The people and companies of the generated month."""

import unicodedata
from collections import Counter
from datetime import datetime

import pytest
from schwifty import IBAN
from stdnum.ch import uid as swiss_uid
from stdnum.eu import vat as eu_vat
from stdnum.gb import vat as british_vat

from assets.catalog.check import check_book
from assets.synthetic.generate import generate_month
from assets.synthetic.months import period_bounds
from assets.synthetic.people import COMPANIES, COUNTRIES, business_tax_number
from assets.synthetic.populations import Population, make_population
from tests.unit.synthetic.reader import BOOK, PHONE, text_of

SEED = 20261001


@pytest.fixture(scope="module")
def made() -> Population:
    return make_population("2026-10", 300, SEED)


@pytest.fixture(scope="module")
def book():
    checked = check_book(BOOK)
    assert checked.report() == ""
    return checked.book


def test_names_and_addresses_are_normalised_and_hold_nothing_invisible(made):
    for party in made.parties:
        text = party["name"] + party["address_lines"]
        assert unicodedata.is_normalized("NFC", text)
        assert not [letter for letter in text if unicodedata.category(letter) in ("Cc", "Cf")]


def test_three_hundred_customers_have_five_languages_five_currencies_eight_countries(made):
    customers = [party for party in made.parties if party["party_id"].startswith("c0")]
    assert len(customers) == len(made.accounts) == 300
    assert {account["language_code"] for account in made.accounts} == {"pl", "en", "de", "uk", "ar"}
    assert {account["currency_code"] for account in made.accounts} == {"PLN", "EUR", "USD", "GBP", "JPY"}
    assert {party["country_code"] for party in customers} == set(COUNTRIES)
    assert set(Counter(party["tax_status"] for party in customers)) == {"business", "consumer"}


def test_partners_have_valid_bank_accounts_and_tax_numbers(made):
    for party in made.parties[: len(COMPANIES)]:
        assert IBAN(party["bank_account"]).country_code == party["country_code"]
        number = party["tax_number"]
        rule = {"GB": british_vat, "CH": swiss_uid}.get(party["country_code"], eu_vat)
        assert rule.is_valid(number), number


@pytest.mark.parametrize("code", ["PL", "DE", "IE", "GB"])
def test_tax_numbers_of_business_customers_are_valid_and_their_own(code):
    is_valid = british_vat.is_valid if code == "GB" else eu_vat.is_valid
    numbers = [business_tax_number(COUNTRIES[code], number) for number in range(1, 1_001)]
    assert all(is_valid(number) for number in numbers)
    assert len(set(numbers)) == len(numbers)


def test_the_chain_of_resellers_hangs_together(made):
    parents = {party["party_id"]: party["parent_party_id"] for party in made.parties}
    assert (parents["gamma"], parents["beta"], parents["alfa"]) == ("beta", "alfa", "")
    assert sum(product["seller_party_id"] == "gamma" for product in made.products) >= 3


def test_partners_and_operator_are_those_of_the_book(made, book):
    known = {book.operator.value.party, *book.operator.value.partners}
    assert {company.party_id for company in COMPANIES} == known
    entity = book.operator.value.legal_entities[0]
    operator = made.parties[0]
    assert (operator["name"], operator["tax_number"], operator["bank_account"]) == (
        entity.name, entity.tax_number, entity.bank_account,
    )  # fmt: skip


def test_products_are_offerings_of_the_book_with_identifiers_their_usage_needs(made, book):
    _, end = period_bounds("2026-10")
    on_sale = {key for key, placed in book.offerings.items() if placed.value.effective_from < end.date()}
    assert {product["offering_id"] for product in made.products} == on_sale
    specifications = [placed.value for placed in book.usage_specifications.values()]
    # Agreements' identifiers come with the files of the other networks.
    kinds = {entry.served_by.identifier_kind for entry in specifications if entry.guided_to == "product"}
    assert {row["identifier_kind"] for row in made.identifiers} == kinds
    assert len({(row["identifier_kind"], row["identifier"]) for row in made.identifiers}) == len(made.identifiers)
    phones = [row["identifier"] for row in made.identifiers if row["identifier_kind"] == "msisdn"]
    assert all(PHONE.fullmatch(phone) for phone in phones)


def test_every_kind_of_life_of_a_product_occurs(made):
    start, end = period_bounds("2026-10")
    begun = [datetime.fromisoformat(product["effective_from"]) for product in made.products]
    ended = [datetime.fromisoformat(row["effective_until"]) for row in made.products if row["effective_until"]]
    assert sum(start < at < end for at in begun) >= 5
    assert ended
    assert all(start < at < end for at in ended)
    with_products = {product["account_id"] for product in made.products}
    assert len([account for account in made.accounts if account["account_id"] not in with_products]) >= 4
    assert any(row["offering_id"] == "family-pack" for row in made.products)


def test_personal_prices_are_of_products_that_have_such_a_price(made, book):
    offerings = {product["product_id"]: product["offering_id"] for product in made.products}
    assert len(made.price_overrides) >= 3
    for override in made.price_overrides:
        offering = book.offerings[offerings[override["product_id"]]].value
        assert override["price_id"] in {price.id for price in offering.prices}


def test_coupons_and_credits_are_of_accounts_in_their_currency(made):
    currencies = {account["account_id"]: account["currency_code"] for account in made.accounts}
    assert {coupon["coupon_id"] for coupon in made.coupons} == {"SPRING", "WELCOME"}
    for record in (*made.coupons, *made.credits):
        assert currencies[record["account_id"]] == record.get("currency_code", currencies[record["account_id"]])


def test_every_customer_and_partner_finds_a_tax_rule(made, book):
    rows = [placed.value for placed in book.taxes]
    categories = {placed.value.tax_category for placed in book.offerings.values()}

    def found(supplier: str, receiver: str, status: str, category: str) -> bool:
        return any(
            row.supplier_country == supplier and row.receiver_country in (receiver, "*")
            and row.receiver_status in (status, "*") and row.tax_category == category
            for row in rows
        )  # fmt: skip

    for party in made.parties:
        for category in categories:
            assert found("PL", party["country_code"], party["tax_status"], category), party["party_id"]
    countries = {party["party_id"]: party["country_code"] for party in made.parties}
    for placed in book.agreements.values():
        payer = countries[placed.value.payer]
        receivers = [party for party in placed.value.parties if party != placed.value.payer]
        for receiver in receivers:
            if placed.value.id == "alfa-distribution" and receiver == "gamma":
                continue  # named there as the seller, not as a receiver
            assert found(countries[receiver], payer, "business", "standard"), placed.value.id


def test_a_sale_to_a_consumer_in_the_union_is_never_taken_for_an_export(book):
    named = {
        placed.value.receiver_country
        for placed in book.taxes
        if placed.value.supplier_country == "PL" and placed.value.receiver_status != "business"
    }
    union = "AT BE BG CY CZ DE DK EE ES FI FR GR HR HU IE IT LT LU LV MT NL PL PT RO SE SI SK"
    assert set(union.split()) <= named


def test_every_destination_that_is_called_has_a_zone(book, tmp_path):
    prefixes = book.zone_lists["destinations"].zone_by_prefix
    generate_month(tmp_path, BOOK, events=12_000)
    for feed, column in (("voice", 3), ("sms", 3)):
        for path in sorted(tmp_path.glob(f"{feed}_2026-10_*.csv*")):
            if path.name.endswith(".json"):
                continue
            for line in text_of(path).splitlines()[1:]:
                fields = line.replace(";", ",").split(",")
                if len(fields) > column and fields[column].startswith("+"):
                    digits = fields[column][1:]
                    assert any(digits[:length] in prefixes for length in range(7, 0, -1)), digits
