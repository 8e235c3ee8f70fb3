{{ config(materialized='table', post_hook='analyze {{ this }}') }}

{# How usage prices count that do not simply add up a period's events: few prices, and their events alone look here. #}

with

counters as (

    select * from {{ ref('stg_catalog__price_counters') }}

),

prices as (

    select * from {{ ref('stg_catalog__prices') }}
    where price_kind = 'usage'

),

settings as (

    select * from {{ ref('stg_catalog__price_tariff_settings') }}

),

tariffs as (

    select * from {{ ref('int_tariffs') }}
    where price_override_id is null

)

select
    prices.price_version_id,
    prices.price_id,
    prices.measure_aggregation,
    coalesce(counters.counter, 'period') as counter,
    coalesce(counters.billed, 'delta') as billed,
    coalesce(counters.is_recurring, false) as is_recurring,
    coalesce(counters.shared_by = 'account', false) as is_shared,
    counters.prorated_by,
    counters.prorated_slot,
    coalesce(counters.is_removal_day_charged, true) as is_removal_day_charged,
    counters.free_events,
    case
        when counters.free_events is not null and settings.free_quantity > 0
            then cast(floor(settings.free_quantity * {{ power_of_ten('tariffs.quantity_scale') }}) as bigint)
    end as free_units,
    counters.value_characteristic,
    counters.removal_characteristic,
    counters.removal_values,
    tariffs.quantity_scale,
    -- Late usage goes on where the counter stands as long as it is open: the bill of a quantity that stays, or of the cost of all so
    -- far, takes it in by other ways.
    coalesce(
        counters.counter in ('month', 'quarter', 'year') and not counters.is_recurring and counters.billed <> 'cumulative', false
    ) as takes_late_usage,
    -- ... and where it stood when it is over: one position says that of what adds up, and of a maximum. Free events, distinct values and
    -- parts of a price for a part of time would need more than that.
    coalesce(counters.counter, 'period') in ('period', 'month', 'quarter', 'year')
    and not coalesce(counters.is_recurring, false)
    and coalesce(counters.billed, 'delta') <> 'highest_so_far'
    and counters.free_events is null
    and counters.prorated_by is null
    and prices.measure_aggregation in ('sum', 'count', 'max') as takes_usage_when_over,
    -- What the next bill must know of this one; a month that ends with the bill leaves nothing.
    coalesce(counters.counter in ('month', 'quarter', 'year') or counters.is_recurring, false) as is_remembered,
    -- Positions come from a model of their own when the running sum does not give them.
    prices.measure_aggregation in ('max', 'latest', 'unique_count', 'weighted_sum')
    or counters.prorated_by is not null
    or counters.free_events is not null
    or coalesce(counters.billed = 'highest_so_far' or counters.shared_by = 'account', false) as is_positioned
from prices
inner join tariffs on prices.price_version_id = tariffs.price_version_id
left join counters on prices.price_version_id = counters.price_version_id
left join settings on prices.price_version_id = settings.price_version_id
