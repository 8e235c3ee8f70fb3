"""The populations: dated records that arrive through the inbox, in the order in which their files are read.

Belongs here: which there are, and exchange rates of the operator's own sources.
Belongs elsewhere: the others, where what they are about is at home (the imports say where), how fields are written
(``fields``), the set-based upsert (``records``).
"""

from assets.ingestion.populations.account_credits import COUPONS, CREDITS
from assets.ingestion.populations.after_posting import CUSTOMER_PAYMENTS, LINE_CORRECTIONS
from assets.ingestion.populations.fields import currency, date, layout, population, quantity, text
from assets.ingestion.populations.master_data import (
    ACCOUNT_GROUPS,
    ACCOUNTS,
    ALLOWANCE_OVERRIDES,
    IDENTIFIERS,
    PARTIES,
    PRICE_OVERRIDES,
    PRODUCTS,
)
from assets.ingestion.populations.opening_records import BUCKET_BALANCES, FEES_BILLED, OPENING_BALANCES
from assets.ingestion.populations.partner_records import ADJUSTMENTS, PARTNER_APPROVALS, PARTY_FLAGS, TAX_CERTIFICATES

FX_RATES = population(
    layout(
        "fx_rates",
        text("fx_source", pattern=r"[a-z0-9][a-z0-9_-]{0,39}", words="a source of fx.yaml without a package"),
        date("rate_date"),
        currency("base_currency_code", such_as="XDR"),
        currency("quote_currency_code"),
        quantity("rate", 10, minimum_units=1),
    ),
    table="inbox.fx_rates",
    key=("fx_source", "rate_date", "base_currency_code", "quote_currency_code"),
    columns={"rate": "rate::numeric(20, 10)"},
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
