"""Populations of what happens to posted bills: payments of customers, corrections of charge lines.

Belongs here: their records. Belongs elsewhere: what they do to partners' shares (dbt, ``models/settlement_run``), other
populations (``populations``, ``account_credits``).
"""

from assets.ingestion.population_fields import Population, code, date, identifier, layout, text

UUID = r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}"

CUSTOMER_PAYMENTS = Population(
    layout=layout(
        "payments",
        identifier("payment_id"),
        date("received_on"),
        code("kind", "payment", "reversal", "write_off", "recovery"),
        text("bill_number", required=False, max_length=60),
        identifier("account_id", required=False),
        text("currency_code", pattern=r"[A-Z]{3}", words="an ISO 4217 code such as PLN"),
        text("amount_minor", pattern=r"[1-9][0-9]{0,14}", words="whole minor units above 0; kind says which way"),
    ),
    table="inbox.customer_payments",
    key=("payment_id",),
    columns={
        "payment_id": "payment_id",
        "received_on": "received_on::date",
        "kind": "kind",
        "bill_number": "nullif(bill_number, '')",
        "account_id": "nullif(account_id, '')",
        "currency_code": "currency_code",
        "amount_minor": "amount_minor::bigint",
    },
)

LINE_CORRECTIONS = Population(
    layout=layout(
        "line_corrections",
        identifier("correction_id"),
        date("corrected_on"),
        text("line_key", pattern=UUID, words="the key of a posted charge line"),
        text("currency_code", pattern=r"[A-Z]{3}", words="an ISO 4217 code such as PLN"),
        text("amount_minor", pattern=r"-?[1-9][0-9]{0,14}", words="whole minor units without tax, above 0 a credit"),
        text("document_number", max_length=60),
        text("cause", max_length=500),
        text("requested_by", max_length=100),
        text("approved_by", max_length=100),
    ),
    table="inbox.line_corrections",
    key=("correction_id",),
    columns={
        "correction_id": "correction_id",
        "corrected_on": "corrected_on::date",
        "line_key": "line_key::uuid",
        "currency_code": "currency_code",
        "amount_minor": "amount_minor::bigint",
        "document_number": "document_number",
        "cause": "cause",
        "requested_by": "requested_by",
        "approved_by": "approved_by",
    },
)
