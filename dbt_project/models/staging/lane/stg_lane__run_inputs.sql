select
    bill_run_id,
    book_id,
    sealed_batch_id,

    period_id,
    time_zone,
    home_currency_code,
    settlement_cycle,

    issue_date,
    period_start,
    period_end
from {{ source('lane', 'run_inputs') }}
