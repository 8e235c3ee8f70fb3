{# Of all orders of its fourteen joins PostgreSQL would look through for ten times as long as they take. #}
{{ config(
    materialized='table',
    pre_hook=[sharing_session(), 'set local join_collapse_limit = 8'],
    post_hook='analyze {{ this }}',
) }}

{#
    Everything an event needs to know, so that it finds it with one range join: price, tariff, allowance, what is measured and
    the agreement terms, for each class of product and group of characteristics, as spans that do not overlap.
#}

with

classes as (

    select distinct
        class_number,
        offering_id
    from {{ ref('int_products_dated') }}
    where is_in_scope

),

price_matches as (

    select * from {{ ref('int_price_matches') }}

),

agreement_matches as (

    select * from {{ ref('int_agreement_matches') }}

),

counter_rules as (

    select * from {{ ref('int_counter_rules') }}

),

opened as (

    select distinct price_version_id from {{ ref('int_counter_openings') }}

),

event_rules as (

    select * from {{ ref('int_event_rules') }}

),

price_overrides as (

    select * from {{ ref('int_price_overrides_in_force') }}

),

prices as (

    select * from {{ ref('stg_catalog__prices') }}

),

tariffs as (

    select * from {{ ref('int_tariffs') }}
    where price_override_id is null

),

-- A price has one calendar, whatever it costs in its bands.
calendars as (

    select distinct
        price_version_id,
        calendar_number
    from {{ ref('stg_catalog__price_time_bands') }}

),

usage_specifications as (

    select * from {{ ref('stg_catalog__usage_specifications') }}

),

allowance_sets as (

    select distinct
        charged_offering_id,
        price_id,
        allowance_set_number
    from {{ ref('int_allowance_draws') }}

)

select
    classes.class_number,
    price_matches.characteristic_group_number,
    price_matches.price_version_id,
    tariffs.tariff_number,
    agreement_matches.terms_id,
    cast(coalesce(prices.measure_slot, 0) as smallint) as measure_slot,
    -- Prices that somebody has a personal price instead of.
    case when price_matches.price_version_id in (select price_version_id from price_overrides) then price_matches.price_version_id end as override_price_id,
    counter_rules.counter = 'event' as counts_events_alone,
    -- Prices that look at a clock (int_clock_spans).
    case
        when calendars.calendar_number is not null or counter_rules.counter in ('hour', 'day') or counter_rules.takes_late_usage
            then price_matches.price_version_id
    end as clock_price_id,
    case when counter_rules.is_positioned then counter_rules.price_version_id end as counter_rule_id,
    counter_rules.prorated_slot,
    opened.price_version_id is not null and not counter_rules.is_positioned as is_opened,
    case when event_rules.changes_amounts then event_rules.price_version_id end as event_rule_id,
    event_rules.round_first_units,
    event_rules.round_next_units,
    calendars.calendar_number,
    -- Bands of time price an event by parts when the price measures how long it lasts.
    coalesce(
        calendars.calendar_number is not null
        and prices.measure_aggregation = 'sum'
        and prices.measure_slot = usage_specifications.duration_slot,
        false
    ) as is_divisible,
    -- Of what such a price measures; null where a unit is no whole number of them.
    case when tariffs.quantity_scale <= 6 then cast({{ power_of_ten('6 - tariffs.quantity_scale') }} as bigint) end as microseconds_per_unit,
    allowance_sets.allowance_set_number,
    greatest(price_matches.effective_from, agreement_matches.effective_from) as effective_from,
    least(price_matches.effective_until, agreement_matches.effective_until) as effective_until
from classes
inner join price_matches on classes.offering_id = price_matches.product_offering_id
inner join agreement_matches
    on
        classes.class_number = agreement_matches.class_number
        and price_matches.charged_offering_id = agreement_matches.charged_offering_id
        and price_matches.price_id = agreement_matches.price_id
        and price_matches.effective_from < agreement_matches.effective_until
        and agreement_matches.effective_from < price_matches.effective_until
inner join prices on price_matches.price_version_id = prices.price_version_id
inner join tariffs on price_matches.price_version_id = tariffs.price_version_id
inner join counter_rules on price_matches.price_version_id = counter_rules.price_version_id
left join opened on price_matches.price_version_id = opened.price_version_id
left join event_rules on price_matches.price_version_id = event_rules.price_version_id
left join calendars on price_matches.price_version_id = calendars.price_version_id
left join usage_specifications on prices.usage_specification_id = usage_specifications.usage_specification_id
left join allowance_sets
    on
        price_matches.charged_offering_id = allowance_sets.charged_offering_id
        and price_matches.price_id = allowance_sets.price_id
