{{ config(materialized='table', pre_hook=rating_session(workers=0), post_hook='analyze {{ this }} (event_key, product_number, counter_rule_id, is_late)') }}

{#
    From where to where an event moves its counter, for prices that do not simply add up: maxima, latest values, counts of distinct
    values, quantities weighted by time, the first events free, only new highs billed, or a part of the price for a part of the period.

    One row per event of such a price. An event then costs T(after) - T(before) like any other; where it is prorated, flat amounts
    count in full once a tier has been reached, and the rest by factor_numerator / factor_divisor.
#}

with

changes as (

    select * from {{ ref('int_usage_changes') }}

),

segments as (

    select * from {{ ref('int_tariff_segments') }}

),

levels as (

    select
        *,
        opening_event_count + row_number() over counter as event_number,
        case measure_aggregation
            when 'max' then greatest(opening_units, max(quantity_units) over counter, 0)
            when 'latest' then quantity_units
            when 'weighted_sum'
                then opening_units + {{ ratio_round('sum(quantity_units * least(left_microseconds, period_microseconds)) over counter', 'period_microseconds', 0) }}
            else opening_units + sum(change_units) over counter
        end as level_units,
        -- Of a level weighted by time, the level itself goes on into the next period.
        opening_units + sum(quantity_units) over counter as unweighted_units
    from changes
    window counter as (
        partition by counter_owner, tariff_number, span_number, is_late
        order by event_at, event_key
        rows between unbounded preceding and current row
    )

),

after_free_events as (

    select
        *,
        case
            when free_events is null then 0
            else greatest(opening_free_units, max(case
                when event_number <= free_events then greatest(least(level_units, coalesce(free_units, level_units)), 0)
            end) over counter)
        end as freed_units
    from levels
    window counter as (
        partition by counter_owner, tariff_number, span_number, is_late
        order by event_at, event_key
        rows between unbounded preceding and current row
    )

),

highs as (

    select
        *,
        level_units - freed_units as billed_level_units,
        greatest(opening_highest_units, max(level_units - freed_units) over counter) as highest_units
    from after_free_events
    window counter as (
        partition by counter_owner, tariff_number, span_number, is_late
        order by event_at, event_key
        rows between unbounded preceding and current row
    )

),

positions as (

    select
        *,
        case when billed = 'highest_so_far' then highest_units else billed_level_units end as after_units,
        coalesce(
            lag(case when billed = 'highest_so_far' then highest_units else billed_level_units end) over counter,
            case when billed = 'highest_so_far' then opening_highest_units else opening_units - opening_free_units end
        ) as before_units,
        coalesce(lag(highest_units) over counter, opening_highest_units) as highest_before_units
    from highs
    window counter as (
        partition by counter_owner, tariff_number, span_number, is_late
        order by event_at, event_key
    )

),

-- A prorated value is charged where it came in, for the days until it goes; so only one held from before is given back when it goes.
priced as (

    select
        *,
        case
            when measure_aggregation = 'unique_count' and prorated_by is not null and change_units < 0
                then case when gives_back then held_place * 1000000 else after_units end
            else before_units
        end as priced_before_units,
        case
            when measure_aggregation = 'unique_count' and prorated_by is not null and change_units < 0
                then case when gives_back then (held_place - 1) * 1000000 else after_units end
            else after_units
        end as priced_after_units,
        case
            when prorated_by = 'characteristic' then abs(prorated_units)
            when measure_aggregation = 'unique_count' and change_units < 0
                then period_end_date - event_date - case when is_removal_day_charged then 1 else 0 end
            when measure_aggregation = 'unique_count' and removal_date is not null
                then least(removal_date + case when is_removal_day_charged then 1 else 0 end, period_end_date) - event_date
            else period_end_date - event_date
        end as factor_numerator,
        case when prorated_by = 'characteristic' then greatest(abs(quantity_units), 1) else period_days end as factor_divisor
    from positions

)

select
    priced.event_key,
    priced.event_at,
    priced.product_number,
    priced.tariff_number,
    priced.counter_rule_id,
    priced.is_late,
    priced.value,
    priced.is_removal,
    cast(case
        when priced.measure_aggregation = 'weighted_sum' and priced.is_recurring then priced.unweighted_units
        else priced.level_units
    end as bigint) as closing_units,
    cast(case when priced.billed = 'highest_so_far' then priced.highest_units end as bigint) as closing_highest_units,
    cast(priced.freed_units as bigint) as closing_free_units,
    cast(case when priced.free_events is not null then priced.event_number end as bigint) as closing_event_count,
    cast(case
        when priced.free_events is not null then priced.quantity_units
        else priced.after_units - priced.before_units
    end as bigint) as quantity_units,
    cast(case
        when priced.free_events is not null then priced.quantity_units - (priced.after_units - priced.before_units)
        else 0
    end as bigint) as free_units,
    cast(priced.priced_before_units as bigint) as before_units,
    cast(priced.priced_after_units as bigint) as after_units,
    cast(
        case when priced.prorated_by is not null then highest_after.flat_exact - highest_before.flat_exact end as numeric(38, 16)
    ) as flat_exact,
    cast(case
        when priced.prorated_by = 'characteristic' then priced.factor_numerator
        when priced.prorated_by is not null then least(greatest(priced.factor_numerator, 0), priced.factor_divisor)
    end as bigint) as factor_numerator,
    case when priced.prorated_by is not null then cast(priced.factor_divisor as bigint) end as factor_divisor
from priced
left join segments as highest_after
    on
        case when priced.prorated_by is not null then priced.tariff_number end = highest_after.tariff_number
        and priced.highest_units > highest_after.from_units
        and priced.highest_units <= highest_after.until_units
left join segments as highest_before
    on
        case when priced.prorated_by is not null then priced.tariff_number end = highest_before.tariff_number
        and priced.highest_before_units > highest_before.from_units
        and priced.highest_before_units <= highest_before.until_units
