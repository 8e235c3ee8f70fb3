select
    account_id,
    party_id,

    currency_code,
    language_code,
    bill_cycle,

    due_days,

    effective_from
from {{ source('inbox', 'billing_accounts') }}
