select
    line_key,
    bill_run_id,
    bill_key,

    currency_code,

    amount_minor
from {{ source('ledger', 'posted_lines') }}
