{{ config(pre_hook=sharing_session(), post_hook='analyze {{ this }}') }}

{# What this run leaves for the next one of each account that it bills. Parked accounts leave what they had: nothing is written. #}

with

run_window as (

    select * from {{ ref('int_run_window') }}

),

account_windows as (

    select * from {{ ref('int_account_windows') }}

),

parked_accounts as (

    select * from {{ ref('int_parked_accounts') }}

),

-- Balances of counters in which this period does not lie: a supplement hands on what later bills left.
passed_on as (

    select carried.*
    from {{ ref('int_balances_carried') }} as carried
    inner join account_windows on carried.account_id = account_windows.account_id
    where
        carried.balance_kind <> 'fee'
        and carried.counter_start > account_windows.period_start_date
        and carried.counter_until > account_windows.period_end_date

),

balances as (

    select
        account_id, product_id, offering_id, price_id, 'counter' as balance_kind, counter_start, counter_until, '' as value,
        quantity, highest_quantity, free_quantity, event_count, currency_code, amount_billed,
        cast(null as timestamptz) as covered_from, cast(null as timestamptz) as covered_until
    from {{ ref('int_counter_closings') }}

    union all

    select
        account_id, product_id, offering_id, price_id, 'value', counter_start, counter_until, value,
        1, null, 0, 0, currency_code, 0, null, null
    from {{ ref('int_values_held') }}

    union all

    select
        account_id, product_id, offering_id, price_id, 'minimum', counter_start, counter_until, '',
        0, null, 0, 0, currency_code, amount_billed, null, null
    from {{ ref('int_minimum_closings') }}

    union all

    select
        account_id, product_id, offering_id, price_id, 'carry', counter_start, null, '',
        0, null, 0, 0, currency_code, left_exact_minor, null, null
    from {{ ref('int_carry_closings') }}

    union all

    select
        account_id, product_id, offering_id, price_id, 'fee', counter_start, counter_until, '',
        0, null, 0, 0, currency_code, amount_billed, covered_from, covered_until
    from {{ ref('int_fee_closings') }}

    union all

    select
        account_id, product_id, offering_id, price_id, 'ended', counter_start, counter_until, value,
        quantity, null, 0, 0, currency_code, 0, null, null
    from {{ ref('int_counters_over') }}

    union all

    select
        account_id, product_id, offering_id, price_id, balance_kind, counter_start, counter_until, value,
        quantity, highest_quantity, free_quantity, event_count, currency_code, amount_billed, null, null
    from passed_on

)

select
    run_window.bill_run_id,
    balances.account_id,
    balances.product_id,
    balances.offering_id,
    balances.price_id,
    balances.balance_kind,
    balances.counter_start,
    balances.counter_until,
    balances.value,
    cast(balances.quantity as numeric(24, 12)) as quantity,
    cast(balances.highest_quantity as numeric(24, 12)) as highest_quantity,
    cast(balances.free_quantity as numeric(24, 12)) as free_quantity,
    cast(balances.event_count as bigint) as event_count,
    balances.currency_code,
    cast(balances.amount_billed as numeric(38, 16)) as amount_billed,
    balances.covered_from,
    balances.covered_until
from balances
cross join run_window
inner join account_windows on balances.account_id = account_windows.account_id
left join parked_accounts on balances.account_id = parked_accounts.account_id
where
    parked_accounts.account_id is null
    and (balances.balance_kind = 'ended' or coalesce(balances.counter_until, date '9999-12-31') > account_windows.period_end_date)
    and (
        balances.balance_kind in ('fee', 'value', 'ended')
        or balances.quantity <> 0
        or balances.amount_billed <> 0
        or balances.event_count <> 0
        or balances.highest_quantity <> 0
    )
