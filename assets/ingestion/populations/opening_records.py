"""What products bring along from the system that billed them before: counters, fees, allowances (docs/moving-in.md).

Belongs here: their records. Belongs elsewhere: what a first bill does with them (dbt, ``models/intermediate/memory``).
"""

from assets.ingestion.populations.fields import date, identifier, layout, population, quantity, text

OPENING_BALANCES = population(
    layout(
        "opening_balances",
        identifier("product_id"),
        identifier("price_id"),
        date("counter_start"),
        text("value", required=False),
        text("part", required=False, max_length=40),
        quantity("quantity", 6),
        quantity("amount_billed", 4, required=False),
        file_format="jsonl",
    ),
    table="inbox.opening_balances",
    key=("product_id", "price_id", "counter_start", "value", "part"),
    columns={
        "value": "coalesce(value, '')",
        "part": "coalesce(part, '')",
        "quantity": "quantity::numeric(24, 12)",
        "amount_billed": "coalesce(amount_billed, '0')::numeric(18, 4)",
    },
)

FEES_BILLED = population(
    layout(
        "fees_billed",
        identifier("product_id"),
        identifier("price_id"),
        date("covered_from"),
        date("covered_until"),
        quantity("amount_billed", 4, minimum_units=0),
        file_format="jsonl",
        period=("covered_from", "covered_until"),
    ),
    table="inbox.fees_billed",
    key=("product_id", "price_id", "covered_from"),
    columns={"amount_billed": "amount_billed::numeric(18, 4)"},
)

BUCKET_BALANCES = population(
    layout(
        "bucket_balances",
        identifier("holder_id"),
        identifier("offering_id"),
        identifier("allowance_id"),
        date("carried_on"),
        quantity("quantity", 6, minimum_units=0),
        file_format="jsonl",
    ),
    table="inbox.bucket_balances",
    key=("holder_id", "offering_id", "allowance_id", "carried_on"),
    columns={"quantity": "quantity::numeric(18, 6)"},
)
