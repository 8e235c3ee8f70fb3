{{ config(materialized='table', post_hook="analyze {{ this }}") }}

{# What posted bills have taken of each coupon and credit: how much, and on how many bills. #}

with

account_credits as (

    select * from {{ source('published', 'fct_account_credits') }}
    where used_minor > 0

),

bill_runs as (

    select * from {{ source('control', 'bill_runs') }}
    where state = 'posted'

),

run_window as (

    select * from {{ ref('int_run_window') }}

)

select
    account_credits.account_id,
    account_credits.credit_kind,
    account_credits.credit_id,
    cast(sum(account_credits.used_minor) as bigint) as used_minor,
    count(*) as use_count
from account_credits
inner join bill_runs on account_credits.bill_run_id = bill_runs.bill_run_id
inner join run_window
    on
        bill_runs.period_id <> run_window.period_id
        or bill_runs.lane = '{{ target.schema }}'
group by
    account_credits.account_id,
    account_credits.credit_kind,
    account_credits.credit_id
