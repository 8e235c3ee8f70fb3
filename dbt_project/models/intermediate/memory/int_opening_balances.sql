{{ config(materialized='table', post_hook='analyze {{ this }}') }}

{#
    What counters had reached, and earlier bills had charged of them, when the period starts: closing balances of the account's last
    posted run, and else what was brought in from another system. Where both say something the bill's balance stands, and
    int_balance_clashes says so.
#}

with

carried as (

    select carried.*
    from {{ ref('int_balances_carried') }} as carried
    inner join {{ ref('int_account_windows') }} as account_windows on carried.account_id = account_windows.account_id
    where
        carried.balance_kind <> 'fee'
        and (
            carried.counter_until is null
            or (
                carried.counter_start <= account_windows.period_start_date
                and carried.counter_until > account_windows.period_start_date
            )
        )

),

brought_in as (

    select * from {{ ref('int_counters_brought_in') }}

)

select
    account_id,
    product_id,
    offering_id,
    price_id,
    balance_kind,
    counter_start,
    counter_until,
    value,
    quantity,
    highest_quantity,
    free_quantity,
    event_count,
    currency_code,
    amount_billed
from carried

union all

select
    brought_in.account_id,
    brought_in.product_id,
    brought_in.offering_id,
    brought_in.price_id,
    brought_in.balance_kind,
    brought_in.counter_start,
    null,
    brought_in.value,
    brought_in.quantity,
    null,
    0,
    0,
    brought_in.currency_code,
    brought_in.amount_billed
from brought_in
where
    not exists (
        select 1
        from carried
        where
            carried.account_id = brought_in.account_id
            and carried.product_id in (brought_in.product_id, '')
            and carried.offering_id = brought_in.offering_id
            and carried.price_id = brought_in.price_id
            and carried.balance_kind in ('counter', 'value')
    )
