{# The group an account belongs to in its period: the last that it joined before the period ends. #}

with

account_windows as (

    select * from {{ ref('int_account_windows') }}

),

account_groups as (

    select * from {{ ref('stg_inbox__account_groups') }}

)

select distinct on (account_windows.account_id)
    account_windows.account_id,
    account_groups.group_id
from account_windows
inner join account_groups
    on
        account_windows.account_id = account_groups.account_id
        and account_groups.effective_from < account_windows.period_end
        and coalesce(account_groups.effective_until, {{ end_of_time() }}) > account_windows.period_start
order by account_windows.account_id, account_groups.effective_from desc
