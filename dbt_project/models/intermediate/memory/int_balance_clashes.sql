{# Balances brought in for what a posted bill already left a balance of, with other figures: nobody guesses which one is right. #}

with

carried as (

    select * from {{ ref('int_balances_carried') }}

),

counters_brought_in as (

    select * from {{ ref('int_counters_brought_in') }}

),

fees_brought_in as (

    select * from {{ ref('int_fees_brought_in') }}

),

counter_clashes as (

    select
        counters_brought_in.account_id,
        format(
            'an opening balance of product %s, price %s%s from %s says %s (billed %s), the bill of %s left %s (billed %s)',
            counters_brought_in.product_id,
            counters_brought_in.price_id,
            case when counters_brought_in.value <> '' then ', value ' || counters_brought_in.value else '' end,
            counters_brought_in.counter_start,
            trim_scale(counters_brought_in.quantity),
            trim_scale(counters_brought_in.amount_billed),
            carried.left_by_period_id,
            coalesce(trim_scale(carried.quantity), 0),
            coalesce(trim_scale(carried.amount_billed), 0)
        ) as detail
    from counters_brought_in
    inner join carried
        on
            counters_brought_in.account_id = carried.account_id
            and carried.product_id in (counters_brought_in.product_id, '')
            and counters_brought_in.offering_id = carried.offering_id
            and counters_brought_in.price_id = carried.price_id
            and counters_brought_in.balance_kind = carried.balance_kind
            and counters_brought_in.value = carried.value
            and (carried.counter_until is null or carried.counter_start = counters_brought_in.counter_start)
    where
        counters_brought_in.quantity <> carried.quantity
        or counters_brought_in.amount_billed <> carried.amount_billed

),

fee_clashes as (

    select
        fees_brought_in.account_id,
        format(
            'a fee of product %s, price %s paid until %s is said to be %s, the bill of %s left %s paid until %s',
            fees_brought_in.product_id,
            fees_brought_in.price_id,
            {{ instant_as_day('fees_brought_in.covered_until', 'account_windows.time_zone') }},
            trim_scale(fees_brought_in.amount_billed),
            carried.left_by_period_id,
            trim_scale(carried.amount_billed),
            {{ instant_as_day('carried.covered_until', 'account_windows.time_zone') }}
        ) as detail
    from fees_brought_in
    inner join {{ ref('int_account_windows') }} as account_windows on fees_brought_in.account_id = account_windows.account_id
    inner join carried
        on
            fees_brought_in.account_id = carried.account_id
            and fees_brought_in.product_id = carried.product_id
            and fees_brought_in.offering_id = carried.offering_id
            and fees_brought_in.price_id = carried.price_id
            and carried.balance_kind = 'fee'
            and carried.covered_from < fees_brought_in.covered_until
            and fees_brought_in.covered_from < carried.covered_until
    where
        fees_brought_in.amount_billed <> carried.amount_billed
        or fees_brought_in.covered_until <> carried.covered_until

),

bucket_clashes as (

    select distinct
        pools.account_id,
        format(
            'allowance %s of %s is said to have %s left on %s, posted bills left %s',
            pools.allowance_id,
            bucket_balances.holder_id,
            trim_scale(bucket_balances.quantity),
            bucket_balances.carried_on,
            trim_scale({{ units_to_quantity('openings.granted_units + openings.rolled_over_units - openings.used_units', 'pools.quantity_scale') }})
        ) as detail
    from {{ ref('int_allowance_pools') }} as pools
    inner join {{ ref('int_account_windows') }} as account_windows on pools.account_id = account_windows.account_id
    inner join {{ ref('stg_inbox__bucket_balances') }} as bucket_balances
        on
            pools.offering_id = bucket_balances.offering_id
            and pools.allowance_id = bucket_balances.allowance_id
            and account_windows.period_start_date = bucket_balances.carried_on
            and bucket_balances.holder_id = {{ bucket_holder('pools') }}
    inner join {{ ref('int_bucket_openings') }} as openings
        on
            pools.offering_id = openings.offering_id
            and pools.allowance_id = openings.allowance_id
            and pools.shared_id = openings.shared_id
            and pools.period_start = openings.period_end
    where
        openings.period_start > {{ beginning_of_time() }}
        and {{ units_to_quantity('openings.granted_units + openings.rolled_over_units - openings.used_units', 'pools.quantity_scale') }}
        <> bucket_balances.quantity

),

clashes as (

    select * from counter_clashes
    union all
    select * from fee_clashes
    union all
    select * from bucket_clashes

)

select
    account_id,
    'balance_clash' as reason_code,
    min(detail) || case when count(*) > 1 then format(', and %s more', count(*) - 1) else '' end
    || '; deliver the record again with what the bill left' as detail
from clashes
group by account_id
