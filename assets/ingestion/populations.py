"""Parties, accounts, products, identifiers and price overrides: dated records that arrive through the inbox.

Belongs here: the built-in layouts and what each field becomes in its table.
Belongs elsewhere: how fields are written (``population_fields``), coupons and credits (``account_credits``), the
set-based upsert (``records``), tariffs inside overrides (``tariffs``).
"""

from zoneinfo import available_timezones

from assets.ingestion.account_credits import COUPONS, CREDITS
from assets.ingestion.after_posting import CUSTOMER_PAYMENTS, LINE_CORRECTIONS
from assets.ingestion.layout import Field
from assets.ingestion.population_fields import Population
from assets.ingestion.population_fields import code as _code
from assets.ingestion.population_fields import date as _date
from assets.ingestion.population_fields import identifier as _id
from assets.ingestion.population_fields import instant as _instant
from assets.ingestion.population_fields import layout as _layout
from assets.ingestion.population_fields import text as _text


def _language() -> Field:
    return _text("language_code", pattern=r"[a-z]{2,3}", words="an ISO 639 code such as pl")


def _time_zone(field_id: str) -> Field:
    # Names without a slash are abbreviations and aliases (EST, Poland) that databases disagree about.
    zones = tuple(sorted(zone for zone in available_timezones() if "/" in zone or zone == "UTC"))
    words = "a time zone of the IANA database such as Europe/Warsaw"
    return Field(field_id, field_id, "code", required=False, allowed=zones, pattern_text=words, is_trailing=True)


PARTIES = Population(
    layout=_layout(
        "parties",
        _id("party_id"),
        _date("effective_from"),
        _code("party_kind", "organization", "individual"),
        _text("name"),
        _text("country_code", pattern=r"[A-Z]{2}", words="an ISO 3166 code such as PL"),
        _text("tax_number", required=False, max_length=40),
        _code("tax_status", "business", "consumer"),
        _language(),
        _id("parent_party_id", required=False),
        _text(
            "bank_account",
            required=False,
            max_length=40,
            pattern=r"[A-Z0-9]{5,34}",
            words="an account number in capital letters and digits, without spaces",
        ),
        _text("address_lines", required=False, max_length=500),
    ),
    table="inbox.parties",
    key=("party_id", "effective_from"),
    columns={
        "party_id": "party_id",
        "effective_from": "effective_from::date",
        "party_kind": "party_kind",
        "name": "name",
        "country_code": "country_code",
        "tax_number": "tax_number",
        "tax_status": "tax_status",
        "language_code": "language_code",
        "parent_party_id": "parent_party_id",
        "bank_account": "bank_account",
        "address_lines": "coalesce(string_to_array(address_lines, '|'), '{}')",
    },
)

ACCOUNTS = Population(
    layout=_layout(
        "accounts",
        _id("account_id"),
        _date("effective_from"),
        _id("party_id"),
        _text("currency_code", pattern=r"[A-Z]{3}", words="an ISO 4217 code such as PLN"),
        _language(),
        _text("bill_cycle", pattern=r"c(0[1-9]|[12][0-9]|3[01])", words="a bill cycle c01 to c31"),
        Field("due_days", "due_days", "whole_number", minimum_units=0, maximum_units=365),
        _time_zone("time_zone"),
    ),
    table="inbox.billing_accounts",
    key=("account_id", "effective_from"),
    columns={
        "account_id": "account_id",
        "effective_from": "effective_from::date",
        "party_id": "party_id",
        "currency_code": "currency_code",
        "language_code": "language_code",
        "bill_cycle": "bill_cycle",
        "due_days": "due_days::integer",
        "time_zone": "time_zone",
    },
)

PRODUCTS = Population(
    layout=_layout(
        "products",
        _id("product_id"),
        _instant("effective_from"),
        _instant("effective_until", required=False),
        _id("account_id"),
        _id("offering_id"),
        _id("seller_party_id", required=False),
        period=True,
    ),
    table="inbox.products",
    key=("product_id", "effective_from"),
    columns={
        "product_id": "product_id",
        "effective_from": "effective_from::timestamptz",
        "effective_until": "effective_until::timestamptz",
        "account_id": "account_id",
        "offering_id": "offering_id",
        "seller_party_id": "seller_party_id",
    },
)

IDENTIFIERS = Population(
    layout=_layout(
        "identifiers",
        _text("identifier_kind", pattern=r"[a-z0-9][a-z0-9_-]{0,39}", words="a kind such as msisdn"),
        Field("identifier", "identifier", "identifier", max_length=1000),
        _instant("effective_from"),
        _instant("effective_until", required=False),
        _id("product_id"),
        period=True,
    ),
    table="inbox.product_identifiers",
    key=("identifier_kind", "identifier", "product_id", "effective_from"),
    columns={
        "identifier_kind": "identifier_kind",
        # Usage writes phone numbers with a plus or without; both sides keep the digits (``encoding``).
        "identifier": r"regexp_replace(identifier, '^\+([0-9]+)$', '\1')",
        "product_id": "product_id",
        "effective_from": "effective_from::timestamptz",
        "effective_until": "effective_until::timestamptz",
    },
)

ACCOUNT_GROUPS = Population(
    layout=_layout(
        "account_groups",
        _id("account_id"),
        _instant("effective_from"),
        _instant("effective_until", required=False),
        _id("group_id"),
        period=True,
    ),
    table="inbox.account_groups",
    key=("account_id", "effective_from"),
    columns={
        "account_id": "account_id",
        "effective_from": "effective_from::timestamptz",
        "effective_until": "effective_until::timestamptz",
        "group_id": "group_id",
    },
)

PRICE_OVERRIDES = Population(
    layout=_layout(
        "price_overrides",
        _id("product_id"),
        _id("price_id"),
        _instant("effective_from"),
        _instant("effective_until", required=False),
        Field("tariff", "tariff", "json"),
        file_format="jsonl",
        suffix="jsonl*",
        period=True,
    ),
    table="inbox.price_overrides",
    key=("product_id", "price_id", "effective_from"),
    columns={
        "product_id": "product_id",
        "price_id": "price_id",
        "effective_from": "effective_from::timestamptz",
        "effective_until": "effective_until::timestamptz",
        "tariff_model": "tariff::jsonb ->> 'model'",
        "minimum_amount": "(tariff::jsonb ->> 'minimum')::numeric(18, 10)",
        "maximum_amount": "(tariff::jsonb ->> 'maximum')::numeric(18, 10)",
    },
)

ALLOWANCE_OVERRIDES = Population(
    layout=_layout(
        "allowance_overrides",
        _id("product_id"),
        _id("offering_id"),
        _id("allowance_id"),
        _instant("effective_from"),
        _instant("effective_until", required=False),
        Field("quantity", "quantity", "quantity", scale=6, minimum_units=0),
        file_format="jsonl",
        suffix="jsonl*",
        period=True,
    ),
    table="inbox.allowance_overrides",
    key=("product_id", "offering_id", "allowance_id", "effective_from"),
    columns={
        "product_id": "product_id",
        "offering_id": "offering_id",
        "allowance_id": "allowance_id",
        "effective_from": "effective_from::timestamptz",
        "effective_until": "effective_until::timestamptz",
        "quantity": "quantity::numeric(18, 6)",
    },
)

OPENING_BALANCES = Population(
    layout=_layout(
        "opening_balances",
        _id("product_id"),
        _id("price_id"),
        _date("counter_start"),
        _text("value", required=False),
        _text("part", required=False, max_length=40),
        Field("quantity", "quantity", "quantity", scale=6),
        Field("amount_billed", "amount_billed", "quantity", required=False, scale=4),
        file_format="jsonl",
        suffix="jsonl*",
    ),
    table="inbox.opening_balances",
    key=("product_id", "price_id", "counter_start", "value", "part"),
    columns={
        "product_id": "product_id",
        "price_id": "price_id",
        "counter_start": "counter_start::date",
        "value": "coalesce(value, '')",
        "part": "coalesce(part, '')",
        "quantity": "quantity::numeric(24, 12)",
        "amount_billed": "coalesce(amount_billed, '0')::numeric(18, 4)",
    },
)

FEES_BILLED = Population(
    layout=_layout(
        "fees_billed",
        _id("product_id"),
        _id("price_id"),
        _date("covered_from"),
        _date("covered_until"),
        Field("amount_billed", "amount_billed", "quantity", scale=4, minimum_units=0),
        file_format="jsonl",
        suffix="jsonl*",
        period=("covered_from", "covered_until"),
    ),
    table="inbox.fees_billed",
    key=("product_id", "price_id", "covered_from"),
    columns={
        "product_id": "product_id",
        "price_id": "price_id",
        "covered_from": "covered_from::date",
        "covered_until": "covered_until::date",
        "amount_billed": "amount_billed::numeric(18, 4)",
    },
)

BUCKET_BALANCES = Population(
    layout=_layout(
        "bucket_balances",
        _id("holder_id"),
        _id("offering_id"),
        _id("allowance_id"),
        _date("carried_on"),
        Field("quantity", "quantity", "quantity", scale=6, minimum_units=0),
        file_format="jsonl",
        suffix="jsonl*",
    ),
    table="inbox.bucket_balances",
    key=("holder_id", "offering_id", "allowance_id", "carried_on"),
    columns={
        "holder_id": "holder_id",
        "offering_id": "offering_id",
        "allowance_id": "allowance_id",
        "carried_on": "carried_on::date",
        "quantity": "quantity::numeric(18, 6)",
    },
)

TAX_CERTIFICATES = Population(
    layout=_layout(
        "tax_certificates",
        _id("party_id"),
        _text("reference", max_length=100),
        _date("effective_from"),
        _date("effective_until"),
    ),
    table="inbox.tax_certificates",
    key=("party_id", "reference"),
    columns={
        "party_id": "party_id",
        "reference": "reference",
        "effective_from": "effective_from::date",
        "effective_until": "effective_until::date",
    },
)

ADJUSTMENTS = Population(
    layout=_layout(
        "adjustments",
        _id("adjustment_id"),
        _date("effective_from"),
        _text("agreement_id", pattern=r"[a-z0-9][a-z0-9_-]{0,39}", words="an agreement of the book"),
        _id("receiver_party_id"),
        _text("currency_code", pattern=r"[A-Z]{3}", words="an ISO 4217 code such as PLN"),
        _text("amount_minor", pattern=r"-?(0|[1-9][0-9]{0,14})", words="whole minor units, with a minus to take off"),
        _text("reason", max_length=500),
        _text("requested_by", max_length=100),
        _text("approved_by", max_length=100),
    ),
    table="inbox.adjustments",
    key=("adjustment_id",),
    columns={
        "adjustment_id": "adjustment_id",
        "effective_from": "effective_from::date",
        "agreement_id": "agreement_id",
        "receiver_party_id": "receiver_party_id",
        "currency_code": "currency_code",
        "amount_minor": "amount_minor::bigint",
        "reason": "reason",
        "requested_by": "requested_by",
        "approved_by": "approved_by",
    },
)

FX_RATES = Population(
    layout=_layout(
        "fx_rates",
        _text("fx_source", pattern=r"[a-z0-9][a-z0-9_-]{0,39}", words="a source of fx.yaml without a package"),
        _date("rate_date"),
        _text("base_currency_code", pattern=r"[A-Z]{3}", words="an ISO 4217 code such as XDR"),
        _text("quote_currency_code", pattern=r"[A-Z]{3}", words="an ISO 4217 code such as PLN"),
        Field("rate", "rate", "quantity", scale=10, minimum_units=1),
    ),
    table="inbox.fx_rates",
    key=("fx_source", "rate_date", "base_currency_code", "quote_currency_code"),
    columns={
        "fx_source": "fx_source",
        "rate_date": "rate_date::date",
        "base_currency_code": "base_currency_code",
        "quote_currency_code": "quote_currency_code",
        "rate": "rate::numeric(20, 10)",
    },
)

PARTNER_APPROVALS = Population(
    layout=_layout(
        "partner_approvals",
        _id("party_id"),
        _date("effective_from"),
        _text("bank_account", max_length=40, pattern=r"[A-Z0-9]{5,34}", words="the account that was checked"),
        _code("tax_data", "complete", "incomplete"),
        _code("self_billing", "agreed", "not_needed", "missing"),
        _text("requested_by", max_length=100),
        _text("approved_by", max_length=100),
    ),
    table="inbox.partner_approvals",
    key=("party_id", "effective_from"),
    columns={
        "party_id": "party_id",
        "effective_from": "effective_from::date",
        "bank_account": "bank_account",
        "is_tax_data_complete": "tax_data = 'complete'",
        "self_billing": "self_billing",
        "requested_by": "requested_by",
        "approved_by": "approved_by",
    },
)

PARTY_FLAGS = Population(
    layout=_layout(
        "party_flags",
        _id("party_id"),
        _code("flag", "insolvency", "seizure", "payment_block"),
        _date("effective_from"),
        Field("effective_until", "effective_until", "date", required=False),
        _text("reason", max_length=500),
        _text("set_by", max_length=100),
    ),
    table="inbox.party_flags",
    key=("party_id", "flag", "effective_from"),
    columns={
        "party_id": "party_id",
        "flag": "flag",
        "effective_from": "effective_from::date",
        "effective_until": "effective_until::date",
        "reason": "reason",
        "set_by": "set_by",
    },
)

# In reading order: a file may refer to records of the feeds before it.
POPULATIONS = (
    PARTIES,
    ACCOUNTS,
    PRODUCTS,
    IDENTIFIERS,
    ACCOUNT_GROUPS,
    PRICE_OVERRIDES,
    ALLOWANCE_OVERRIDES,
    OPENING_BALANCES,
    FEES_BILLED,
    BUCKET_BALANCES,
    COUPONS,
    CREDITS,
    TAX_CERTIFICATES,
    ADJUSTMENTS,
    CUSTOMER_PAYMENTS,
    LINE_CORRECTIONS,
    PARTNER_APPROVALS,
    PARTY_FLAGS,
    FX_RATES,
)
