{{ config(pre_hook=rating_session()) }}

{#
    Rates every event in one statement, in this order: what it measures, what allowances cover of it, T(after) - T(before) of the
    counter that the rest moves.

    A counter is the cumulative quantity of one product under one tariff; late usage has counters of its own. Both running sums are
    sorted by product first, so the second sort only reorders within a product. Totally ordered by (event_at, event_key).
#}

with

usage_with_price as (

    select * from {{ ref('int_usage_guided') }}
    where quantity_units is not null

),

segments as (

    select * from {{ ref('int_rating_segments') }}

),

split_events as (

    select * from {{ ref('int_split_events') }}

),

event_rules as (

    select * from {{ ref('int_event_rules') }}

),

-- Some prices charge an event in whole increments; from here on nothing looks at what the event says.
measured as (

    select
        usage_with_price.event_key,
        usage_with_price.content_hash,
        usage_with_price.file_id,
        usage_with_price.line_number,
        usage_with_price.event_at,
        usage_with_price.product_number,
        usage_with_price.price_version_id,
        usage_with_price.price_override_id,
        coalesce(split_events.tariff_number, usage_with_price.tariff_number) as tariff_number,
        split_events.tariff_number is not null as is_split,
        usage_with_price.terms_id,
        usage_with_price.event_rule_id,
        usage_with_price.counts_events_alone,
        usage_with_price.is_late,
        usage_with_price.allowance_number,
        usage_with_price.allowance_limit_units,
        case
            when usage_with_price.round_first_units is null then usage_with_price.quantity_units
            else {{ round_up_quantity(
                'usage_with_price.quantity_units', 'usage_with_price.round_first_units', 'usage_with_price.round_next_units'
            ) }}
        end as quantity_units
    from usage_with_price
    left join split_events
        on case when usage_with_price.is_divisible then usage_with_price.event_key end = split_events.event_key

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
        case
            -- An allowance covers the first part of a call whose parts differ.
            when is_split then quantity_units
            when counts_events_alone then quantity_units - allowance_units
            else cast(sum(quantity_units - allowance_units) over (
                partition by product_number, tariff_number, is_late
                order by event_at, event_key
                rows between unbounded preceding and current row
            ) as bigint)
        end as counter_after_units
    from covered

),

-- Most events stay in one segment, so the second lookup gets a key only when the counter crossed into another.
with_amounts as (

    select
        counters.*,
        {{ tariff_value('counters.counter_after_units', 'after_segment') }}
        - case
            when before_segment.tariff_number is null
                then {{ tariff_value('(counters.counter_after_units - counters.billed_units)', 'after_segment') }}
            else {{ tariff_value('(counters.counter_after_units - counters.billed_units)', 'before_segment') }}
        end as tariff_exact
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

),

-- Event rules: an event that an allowance or free units cover whole is left alone.
with_event_amounts as (

    select
        with_amounts.*,
        event_rules.rounding_step,
        event_rules.rounding_method,
        case
            when event_rules.price_version_id is null then with_amounts.tariff_exact
            when
                case
                    when with_amounts.quantity_units = 0 then event_rules.are_zero_events_charged
                    else with_amounts.billed_units <> 0
                        and abs(with_amounts.counter_after_units) > event_rules.free_units
                end
                then {{ limited_event_amount('with_amounts.tariff_exact', 'with_amounts.billed_units', 'event_rules') }}
            else with_amounts.tariff_exact
        end as event_exact
    from with_amounts
    left join event_rules on with_amounts.event_rule_id = event_rules.price_version_id

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
    cast(case
        when rounding_step is null then event_exact
        else {{ round_by_method('event_exact', 'rounding_step', 'rounding_method') }}
    end as numeric(38, 16)) as amount_exact
from with_event_amounts
