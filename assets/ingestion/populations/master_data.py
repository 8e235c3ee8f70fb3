"""Parties, accounts, products, identifiers and what a product has for itself, as CRM exports them.

Belongs here: who there is, who has which product, and personal prices and allowances.
Belongs elsewhere: coupons and credits (``account_credits``), what products bring along from another system
(``opening_records``), tariffs inside overrides (``tariffs``).
"""

from zoneinfo import available_timezones

from assets.ingestion.layout import Field
from assets.ingestion.populations.fields import (
    code,
    currency,
    date,
    effective,
    identifier,
    layout,
    population,
    quantity,
    text,
    whole_number,
)


def _language() -> Field:
    return text("language_code", pattern=r"[a-z]{2,3}", words="an ISO 639 code such as pl")


def _time_zone(field_id: str) -> Field:
    # Names without a slash are abbreviations and aliases (EST, Poland) that databases disagree about.
    zones = tuple(sorted(zone for zone in available_timezones() if "/" in zone or zone == "UTC"))
    words = "a time zone of the IANA database such as Europe/Warsaw"
    return Field(field_id, field_id, "code", required=False, allowed=zones, pattern_text=words, is_trailing=True)


PARTIES = population(
    layout(
        "parties",
        identifier("party_id"),
        date("effective_from"),
        code("party_kind", "organization", "individual"),
        text("name"),
        text("country_code", pattern=r"[A-Z]{2}", words="an ISO 3166 code such as PL"),
        text("tax_number", required=False, max_length=40),
        code("tax_status", "business", "consumer"),
        _language(),
        identifier("parent_party_id", required=False),
        text(
            "bank_account",
            required=False,
            max_length=40,
            pattern=r"[A-Z0-9]{5,34}",
            words="an account number in capital letters and digits, without spaces",
        ),
        text("address_lines", required=False, max_length=500),
    ),
    table="inbox.parties",
    key=("party_id", "effective_from"),
    columns={"address_lines": "coalesce(string_to_array(address_lines, '|'), '{}')"},
)

ACCOUNTS = population(
    layout(
        "accounts",
        identifier("account_id"),
        date("effective_from"),
        identifier("party_id"),
        currency(),
        _language(),
        text("bill_cycle", pattern=r"c(0[1-9]|[12][0-9]|3[01])", words="a bill cycle c01 to c31"),
        whole_number("due_days", 0, 365),
        _time_zone("time_zone"),
    ),
    table="inbox.billing_accounts",
    key=("account_id", "effective_from"),
)

PRODUCTS = population(
    layout(
        "products",
        identifier("product_id"),
        *effective(),
        identifier("account_id"),
        identifier("offering_id"),
        identifier("seller_party_id", required=False),
        period=True,
    ),
    table="inbox.products",
    key=("product_id", "effective_from"),
)

IDENTIFIERS = population(
    layout(
        "identifiers",
        text("identifier_kind", pattern=r"[a-z0-9][a-z0-9_-]{0,39}", words="a kind such as msisdn"),
        Field("identifier", "identifier", "identifier", max_length=1000),
        *effective(),
        identifier("product_id"),
        period=True,
    ),
    table="inbox.product_identifiers",
    key=("identifier_kind", "identifier", "product_id", "effective_from"),
    # Usage writes phone numbers with a plus or without; both sides keep the digits (``encoding``).
    columns={"identifier": r"regexp_replace(identifier, '^\+([0-9]+)$', '\1')"},
)

ACCOUNT_GROUPS = population(
    layout("account_groups", identifier("account_id"), *effective(), identifier("group_id"), period=True),
    table="inbox.account_groups",
    key=("account_id", "effective_from"),
)

PRICE_OVERRIDES = population(
    layout(
        "price_overrides",
        identifier("product_id"),
        identifier("price_id"),
        *effective(),
        Field("tariff", "tariff", "json"),
        file_format="jsonl",
        period=True,
    ),
    table="inbox.price_overrides",
    key=("product_id", "price_id", "effective_from"),
    columns={
        "tariff_model": "tariff::jsonb ->> 'model'",
        "minimum_amount": "(tariff::jsonb ->> 'minimum')::numeric(18, 10)",
        "maximum_amount": "(tariff::jsonb ->> 'maximum')::numeric(18, 10)",
    },
    without={"tariff"},
)

ALLOWANCE_OVERRIDES = population(
    layout(
        "allowance_overrides",
        identifier("product_id"),
        identifier("offering_id"),
        identifier("allowance_id"),
        *effective(),
        quantity("quantity", 6, minimum_units=0),
        file_format="jsonl",
        period=True,
    ),
    table="inbox.allowance_overrides",
    key=("product_id", "offering_id", "allowance_id", "effective_from"),
    columns={"quantity": "quantity::numeric(18, 6)"},
)
