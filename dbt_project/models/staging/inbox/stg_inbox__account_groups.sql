select
    account_id,
    group_id,

    effective_from,
    effective_until
from {{ source('inbox', 'account_groups') }}
