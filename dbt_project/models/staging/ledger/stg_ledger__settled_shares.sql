select
    source_bill_run_id,
    bill_run_id,
    agreement_id,

    currency_code,

    share_count,
    amount_exact,

    month_from
from {{ source('ledger', 'settled_shares') }}
