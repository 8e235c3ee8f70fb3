"""What a settlement takes from people's decisions about partners: certificates, adjustments, approvals, flags.

Belongs here: their records. Belongs elsewhere: partners' own figures (``partner_statements``), what a decision does
(dbt, ``models/settlement_run``; ``assets.payments``).
"""

from assets.ingestion.populations.fields import code, currency, date, identifier, layout, population, text

TAX_CERTIFICATES = population(
    layout(
        "tax_certificates",
        identifier("party_id"),
        text("reference", max_length=100),
        date("effective_from"),
        date("effective_until"),
    ),
    table="inbox.tax_certificates",
    key=("party_id", "reference"),
)

ADJUSTMENTS = population(
    layout(
        "adjustments",
        identifier("adjustment_id"),
        date("effective_from"),
        text("agreement_id", pattern=r"[a-z0-9][a-z0-9_-]{0,39}", words="an agreement of the book"),
        identifier("receiver_party_id"),
        currency(),
        text("amount_minor", pattern=r"-?(0|[1-9][0-9]{0,14})", words="whole minor units, with a minus to take off"),
        text("reason", max_length=500),
        text("requested_by", max_length=100),
        text("approved_by", max_length=100),
    ),
    table="inbox.adjustments",
    key=("adjustment_id",),
    columns={"amount_minor": "amount_minor::bigint"},
)

PARTNER_APPROVALS = population(
    layout(
        "partner_approvals",
        identifier("party_id"),
        date("effective_from"),
        text("bank_account", max_length=40, pattern=r"[A-Z0-9]{5,34}", words="the account that was checked"),
        code("tax_data", "complete", "incomplete"),
        code("self_billing", "agreed", "not_needed", "missing"),
        text("requested_by", max_length=100),
        text("approved_by", max_length=100),
    ),
    table="inbox.partner_approvals",
    key=("party_id", "effective_from"),
    columns={"is_tax_data_complete": "tax_data = 'complete'"},
    without={"tax_data"},
)

PARTY_FLAGS = population(
    layout(
        "party_flags",
        identifier("party_id"),
        code("flag", "insolvency", "seizure", "payment_block"),
        date("effective_from"),
        date("effective_until", required=False),
        text("reason", max_length=500),
        text("set_by", max_length=100),
    ),
    table="inbox.party_flags",
    key=("party_id", "flag", "effective_from"),
)
