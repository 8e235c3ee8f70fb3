{{ config(materialized='table') }}

{#
    What posted runs have taken from the buckets of earlier periods, and what was left. Accounts that were parked took nothing. What
    another system left customers who move in is a bucket of before, with all of it new, unless a posted run had one that ended then.
#}

with

bucket_balances as (

    select * from {{ source('published', 'fct_bucket_balances') }}

),

bill_runs as (

    select * from {{ source('control', 'bill_runs') }}
    where state = 'posted'

),

account_outcomes as (

    select * from {{ source('published', 'fct_account_outcomes') }}
    where outcome = 'parked'

),

run_window as (

    select * from {{ ref('int_run_window') }}

),

posted as (

    select
        bucket_balances.offering_id,
        bucket_balances.allowance_id,
        bucket_balances.shared_id,
        bucket_balances.period_start,
        bucket_balances.period_end,
        max(bucket_balances.granted_units) as granted_units,
        max(bucket_balances.rolled_over_units) as rolled_over_units,
        cast(sum(case when account_outcomes.account_id is null then bucket_balances.used_units else 0 end) as bigint) as used_units
    from bucket_balances
    inner join bill_runs on bucket_balances.bill_run_id = bill_runs.bill_run_id
    inner join run_window
        on
            bill_runs.period_id <> run_window.period_id
            or bill_runs.lane = '{{ target.schema }}'
    left join account_outcomes
        on
            bucket_balances.bill_run_id = account_outcomes.bill_run_id
            and bucket_balances.account_id = account_outcomes.account_id
    group by
        bucket_balances.offering_id,
        bucket_balances.allowance_id,
        bucket_balances.shared_id,
        bucket_balances.period_start,
        bucket_balances.period_end

),

brought_in as (

    select distinct on (pools.offering_id, pools.allowance_id, pools.shared_id, pools.period_start)
        pools.offering_id,
        pools.allowance_id,
        pools.shared_id,
        pools.period_start as period_end,
        cast(floor(bucket_balances.quantity * {{ power_of_ten('pools.quantity_scale') }}) as bigint) as left_units
    from {{ ref('int_allowance_pools') }} as pools
    inner join {{ ref('int_account_windows') }} as account_windows on pools.account_id = account_windows.account_id
    inner join {{ ref('stg_inbox__bucket_balances') }} as bucket_balances
        on
            pools.offering_id = bucket_balances.offering_id
            and pools.allowance_id = bucket_balances.allowance_id
            and account_windows.period_start_date = bucket_balances.carried_on
            and bucket_balances.holder_id = {{ bucket_holder('pools') }}
    where pools.rollover_expiry is not null

)

select
    offering_id,
    allowance_id,
    shared_id,
    period_start,
    period_end,
    granted_units,
    rolled_over_units,
    used_units
from posted

union all

select
    brought_in.offering_id,
    brought_in.allowance_id,
    brought_in.shared_id,
    {{ beginning_of_time() }},
    brought_in.period_end,
    brought_in.left_units,
    0,
    0
from brought_in
left join posted
    on
        brought_in.offering_id = posted.offering_id
        and brought_in.allowance_id = posted.allowance_id
        and brought_in.shared_id = posted.shared_id
        and brought_in.period_end = posted.period_end
where posted.offering_id is null
