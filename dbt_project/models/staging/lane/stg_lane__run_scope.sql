select
    account_id,
    period_id,

    account_number,

    period_start,
    period_end
from {{ source('lane', 'run_scope') }}
