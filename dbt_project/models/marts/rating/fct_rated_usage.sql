{{ config(pre_hook=rating_session()) }}

{#
    Rates every event in one statement, in this order: what it measures, what allowances cover of it, T(after) - T(before) of the
    counter that the rest moves.

    A counter is the cumulative quantity of one product under one tariff; late usage has counters of its own. Both running sums are
    sorted by product first, so the second sort only reorders within a product. Totally ordered by (event_at, event_key).
#}

with

-- Rows come in with the quantity the price measures and what an allowance may cover, and nothing later looks at the event itself.
measured as (

    select * from {{ ref('int_usage_guided') }}
    where quantity_units is not null

),

segments as (

    select * from {{ ref('int_tariff_segments') }}

),

-- Allowances: from here to billed_units, a pass for each bucket an event can draw from.
bucket_totals as (

    select
        *,
        cast(sum(quantity_units) over (
            partition by product_number, allowance_number, is_late
            order by event_at, event_key
            rows between unbounded preceding and current row
        ) as bigint) as bucket_after_units
    from measured

),

-- The bucket covers the cumulative quantity up to its limit; an event that crosses the limit is covered in part.
covered as (

    select
        *,
        case
            when allowance_number is null then 0
            else
                least(bucket_after_units, allowance_limit_units)
                - least(bucket_after_units - quantity_units, allowance_limit_units)
        end as allowance_units
    from bucket_totals

),

-- Counters: what is billed moves them.
counters as (

    select
        *,
        quantity_units - allowance_units as billed_units,
        cast(sum(quantity_units - allowance_units) over (
            partition by product_number, tariff_number, is_late
            order by event_at, event_key
            rows between unbounded preceding and current row
        ) as bigint) as counter_after_units
    from covered

),

-- Most events stay in one segment, so the second lookup gets a key only when the counter crossed into another.
with_segments as (

    select
        counters.*,
        {{ tariff_value('counters.counter_after_units', 'after_segment') }} as amount_after_exact,
        case
            when before_segment.tariff_number is null
                then {{ tariff_value('(counters.counter_after_units - counters.billed_units)', 'after_segment') }}
            else {{ tariff_value('(counters.counter_after_units - counters.billed_units)', 'before_segment') }}
        end as amount_before_exact
    from counters
    inner join segments as after_segment
        on
            counters.tariff_number = after_segment.tariff_number
            and counters.counter_after_units > after_segment.from_units
            and counters.counter_after_units <= after_segment.until_units
    left join segments as before_segment
        on
            case
                when
                    counters.counter_after_units - counters.billed_units <= after_segment.from_units
                    or counters.counter_after_units - counters.billed_units > after_segment.until_units
                    then counters.tariff_number
            end = before_segment.tariff_number
            and counters.counter_after_units - counters.billed_units > before_segment.from_units
            and counters.counter_after_units - counters.billed_units <= before_segment.until_units

)

select
    cast((select bill_run_id from {{ ref('int_run_window') }}) as integer) as bill_run_id,
    event_key,
    content_hash,
    file_id,
    line_number,
    event_at,
    product_number,
    price_version_id,
    price_override_id,
    terms_id,
    is_late,
    quantity_units,
    allowance_units,
    cast(amount_after_exact - amount_before_exact as numeric(38, 16)) as amount_exact
from with_segments
