select
    account_id,
    period_id,

    account_number,

    time_zone,

    period_start,
    period_end
from {{ source('lane', 'run_scope') }}
