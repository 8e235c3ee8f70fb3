"""Populations of what happens to posted bills: payments of customers, corrections of charge lines.

Belongs here: their records. Belongs elsewhere: what they do to partners' shares (dbt, ``models/settlement_run``), other
populations (``registry`` lists them).
"""

from assets.ingestion.populations.fields import code, currency, date, identifier, layout, population, text

UUID = r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}"

CUSTOMER_PAYMENTS = population(
    layout(
        "payments",
        identifier("payment_id"),
        date("received_on"),
        code("kind", "payment", "reversal", "write_off", "recovery"),
        text("bill_number", required=False, max_length=60),
        identifier("account_id", required=False),
        currency(),
        text("amount_minor", pattern=r"[1-9][0-9]{0,14}", words="whole minor units above 0; kind says which way"),
    ),
    table="inbox.customer_payments",
    key=("payment_id",),
    columns={
        "bill_number": "nullif(bill_number, '')",
        "account_id": "nullif(account_id, '')",
        "amount_minor": "amount_minor::bigint",
    },
)

LINE_CORRECTIONS = population(
    layout(
        "line_corrections",
        identifier("correction_id"),
        date("corrected_on"),
        text("line_key", pattern=UUID, words="the key of a posted charge line"),
        currency(),
        text("amount_minor", pattern=r"-?[1-9][0-9]{0,14}", words="whole minor units without tax, above 0 a credit"),
        text("document_number", max_length=60),
        text("cause", max_length=500),
        text("requested_by", max_length=100),
        text("approved_by", max_length=100),
    ),
    table="inbox.line_corrections",
    key=("correction_id",),
    columns={"line_key": "line_key::uuid", "amount_minor": "amount_minor::bigint"},
)
