{{ config(materialized='table', post_hook='analyze {{ this }}') }}

{#
    The posted run that billed each account last: what it left is what this run starts with. A run in which the account was
    parked left nothing. Last is the one posted last, so that a supplement for an earlier period hands on what later bills
    counted; another lane looks only at what had been billed before its own period.
#}

with

account_windows as (

    select * from {{ ref('int_account_windows') }}

),

account_outcomes as (

    select * from {{ source('published', 'fct_account_outcomes') }}
    where outcome <> 'parked'

),

bill_runs as (

    select * from {{ source('control', 'bill_runs') }}
    where state = 'posted'

)

select distinct on (account_windows.account_id)
    account_windows.account_id,
    bill_runs.bill_run_id,
    bill_runs.period_id,
    bill_runs.sealed_batch_id,
    cast(bill_runs.period_start at time zone account_windows.time_zone as date) as billed_from_date
from account_windows
inner join account_outcomes on account_windows.account_id = account_outcomes.account_id
inner join bill_runs on account_outcomes.bill_run_id = bill_runs.bill_run_id
where
    '{{ target.schema }}' = 'build'
    or bill_runs.period_end <= account_windows.period_start
order by account_windows.account_id, bill_runs.posted_at desc, bill_runs.bill_run_id desc
