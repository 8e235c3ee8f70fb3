{{ config(materialized='table') }}

{# What posted runs have taken from the buckets of earlier periods, and what was left. Accounts that were parked took nothing. #}

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

)

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
