select
    bill_key,
    bill_run_id,
    bill_number,
    account_id,
    party_id,

    currency_code,

    net_minor,
    tax_minor,
    gross_minor,

    issue_date
from {{ source('ledger', 'customer_bills') }}
