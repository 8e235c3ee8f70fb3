{#
    Events of prices that do not simply add up, with what they change: of a count of distinct values, whether the value is new or
    gone. One row per event; days are the account's local days.
#}
{%- set is_apart = counts_apart('guided.is_late', 'guided.span_number') %}

with

counter_rules as (
    select * from {{ ref('int_counter_rules') }}
    where is_positioned
),

counted_values as (
    select * from {{ ref('int_counted_values') }}
),

openings as (
    select * from {{ ref('int_counter_openings') }}
),

held_values as (
    select
        products.product_number,
        opening_balances.offering_id,
        opening_balances.price_id,
        opening_balances.value,
        row_number() over (
            partition by products.product_number, opening_balances.offering_id, opening_balances.price_id
            order by opening_balances.value
        ) as place
    from {{ ref('int_opening_balances') }} as opening_balances
    inner join {{ ref('int_products_dated') }} as products
        on
            opening_balances.account_id = products.account_id
            and opening_balances.product_id = products.product_id
    inner join {{ ref('int_account_windows') }} as account_windows on products.account_id = account_windows.account_id
    where
        opening_balances.balance_kind = 'value'
        and products.is_in_scope
        and products.effective_from <= account_windows.period_start
        and products.effective_until > account_windows.period_start
),

product_windows as (
    select distinct
        products.product_number,
        products.account_id,
        account_windows.account_number,
        account_windows.time_zone,
        account_windows.period_start,
        account_windows.period_end,
        account_windows.period_start_date,
        account_windows.period_end_date
    from {{ ref('int_products_dated') }} as products
    inner join {{ ref('int_account_windows') }} as account_windows on products.account_id = account_windows.account_id
),

-- Without such a price the condition is false before any usage is read.
events as (
    select
        guided.event_key,
        guided.event_at,
        guided.product_number,
        -- Whose counter it is: a product's, or all products' of an account.
        case when counter_rules.is_shared then - product_windows.account_number else guided.product_number end as counter_owner,
        guided.tariff_number,
        -- On a counter apart, one for each that is over; late usage of one that is still open counts with the rest.
        {{ is_apart }} as is_late,
        coalesce(late_counters.span_number, greatest(guided.span_number, 0)) as span_number,
        guided.quantity_units,
        guided.prorated_units,
        guided.counter_rule_id,
        counter_rules.measure_aggregation,
        counter_rules.billed,
        counter_rules.is_recurring,
        counter_rules.free_events,
        counter_rules.free_units,
        counter_rules.prorated_by,
        counter_rules.is_removal_day_charged,
        counted_values.value,
        counted_values.is_removal,
        -- Days and spans of time are worked out for prices that ask for them.
        case
            when counter_rules.measure_aggregation = 'unique_count' or counter_rules.prorated_by is not null
                then cast(guided.event_at at time zone product_windows.time_zone as date)
        end as event_date,
        product_windows.period_end_date,
        product_windows.period_end_date - product_windows.period_start_date as period_days,
        case
            when counter_rules.measure_aggregation = 'weighted_sum'
                then cast(extract(epoch from product_windows.period_end - guided.event_at) * 1000000 as numeric(38, 0))
        end as left_microseconds,
        case
            when counter_rules.measure_aggregation = 'weighted_sum'
                then cast(extract(epoch from product_windows.period_end - product_windows.period_start) * 1000000 as numeric(38, 0))
        end as period_microseconds,
        case
            when {{ is_apart }} then coalesce(late_counters.opening_units, 0)
            else coalesce(shared_openings.opening_units, openings.opening_units + openings.opening_free_units, 0)
        end as opening_units,
        case
            when {{ is_apart }} then greatest(coalesce(late_counters.opening_units, 0), 0)
            else coalesce(
                shared_openings.opening_highest_units,
                openings.opening_highest_units,
                greatest(shared_openings.opening_units - shared_openings.opening_free_units, openings.opening_units, 0)
            )
        end as opening_highest_units,
        case when {{ is_apart }} then 0 else coalesce(shared_openings.opening_free_units, openings.opening_free_units, 0) end as opening_free_units,
        case when {{ is_apart }} then 0 else coalesce(shared_openings.opening_event_count, openings.opening_event_count, 0) end as opening_event_count,
        held_values.place as held_place
    from {{ ref('int_usage_exceptions') }} as guided
    inner join counter_rules on guided.counter_rule_id = counter_rules.price_version_id
    inner join product_windows on guided.product_number = product_windows.product_number
    inner join {{ ref('stg_catalog__prices') }} as prices on counter_rules.price_version_id = prices.price_version_id
    left join counted_values
        on
            guided.counter_rule_id = counted_values.price_version_id
            and guided.characteristic_set_id = counted_values.characteristic_set_id
    left join openings
        on
            guided.product_number = openings.product_number
            and guided.tariff_number = openings.tariff_number
    left join {{ ref('int_late_counters') }} as late_counters
        on
            case when guided.is_late then guided.product_number end = late_counters.product_number
            and guided.tariff_number = late_counters.tariff_number
            and guided.event_at >= late_counters.effective_from
            and guided.event_at < late_counters.effective_until
    left join {{ ref('int_shared_openings') }} as shared_openings
        on
            counter_rules.is_shared
            and product_windows.account_id = shared_openings.account_id
            and guided.counter_rule_id = shared_openings.price_version_id
    left join held_values
        on
            guided.product_number = held_values.product_number
            and counter_rules.price_id = held_values.price_id
            and prices.offering_id = held_values.offering_id
            and counted_values.value = held_values.value
            and not {{ is_apart }}
    where
        -- Said here so that no other event is looked up in anything.
        guided.counter_rule_id is not null
        and guided.quantity_units is not null
        and (select count(*) from {{ ref('int_counter_rules') }} where is_positioned) > 0
),

-- A value counts when it comes, and until it goes; a second coming or going changes nothing. Where no values are counted, an event has
-- no neighbours to look at.
with_neighbours as (
    select
        *,
        cast(null as boolean) as removed_before,
        cast(null as date) as removal_date,
        false as gives_back
    from events
    where value is null

    union all

    select
        *,
        lag(is_removal) over same_value as removed_before,
        -- A value that comes once more while it is there changes nothing: what counts is when it goes.
        min(case when is_removal then event_date end) over (
            partition by counter_owner, tariff_number, span_number, is_late, value
            order by event_at, event_key
            rows between 1 following and unbounded following
        ) as removal_date,
        held_place is not null and is_removal and coalesce(not bool_or(is_removal) over (
            partition by counter_owner, tariff_number, span_number, is_late, value
            order by event_at, event_key
            rows between unbounded preceding and 1 preceding
        ), true) as gives_back
    from events
    where value is not null
    window same_value as (
        partition by counter_owner, tariff_number, span_number, is_late, value
        order by event_at, event_key
    )
),

changes as (
    select
        *,
        case
            when measure_aggregation <> 'unique_count' then quantity_units
            when is_removal and not coalesce(removed_before, held_place is null) then -1000000
            when not is_removal and coalesce(removed_before, held_place is null) then 1000000
            else 0
        end as change_units
    from with_neighbours
)

select * from changes
