{{ config(materialized='table', post_hook='analyze {{ this }}') }}

{# Closing balances of each account's last posted run: all of them, whether this period goes on with them or not. #}

with

closing_balances as (

    select * from {{ source('published', 'fct_closing_balances') }}

),

last_bills as (

    select * from {{ ref('int_last_bills') }}

)

select
    closing_balances.account_id,
    closing_balances.product_id,
    closing_balances.offering_id,
    closing_balances.price_id,
    last_bills.period_id as left_by_period_id,
    closing_balances.balance_kind,
    closing_balances.counter_start,
    closing_balances.counter_until,
    closing_balances.value,
    closing_balances.quantity,
    closing_balances.highest_quantity,
    closing_balances.free_quantity,
    closing_balances.event_count,
    closing_balances.currency_code,
    closing_balances.amount_billed,
    closing_balances.covered_from,
    closing_balances.covered_until
from closing_balances
inner join last_bills
    on
        closing_balances.bill_run_id = last_bills.bill_run_id
        and closing_balances.account_id = last_bills.account_id
-- Counters that were over are looked for by late usage alone.
where closing_balances.balance_kind <> 'ended'
