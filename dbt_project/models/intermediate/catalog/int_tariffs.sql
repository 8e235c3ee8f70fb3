{{ config(materialized='table') }}

{#
    Every set of tiers that can rate something in this run. An override replaces the tiers and limits of a price but measures
    what the price measures and is read as the price is, so it becomes one tariff per price version it can stand in for.
#}

with

prices as (

    select * from {{ ref('stg_catalog__prices') }}

),

settings as (

    select * from {{ ref('stg_catalog__price_tariff_settings') }}

),

counters as (

    select * from {{ ref('stg_catalog__price_counters') }}

),

usage_specifications as (

    select * from {{ ref('stg_catalog__usage_specifications') }}

),

price_overrides as (

    select * from {{ ref('stg_inbox__price_overrides') }}

),

products as (

    select distinct
        product_id,
        offering_id
    from {{ ref('int_products_dated') }}
    where is_in_scope

),

offering_prices as (

    select * from {{ ref('int_offering_prices') }}

),

scaled_prices as (

    select
        prices.price_version_id,
        prices.price_id,
        prices.tariff_model,
        coalesce(settings.bounds, 'up_to_inclusive') as bounds,
        case when counters.counter in ('event', 'hour', 'day') or counters.shared_by = 'account' then 'nothing' else coalesce(settings.unused, 'nothing') end as unused,
        coalesce(settings.below_zero, 'first_unit') as below_zero,
        settings.beyond_last,
        case when counters.free_events is null then coalesce(settings.free_quantity, 0) else 0 end as free_quantity,
        settings.minimum_amount,
        settings.maximum_amount,
        settings.increment_method,
        settings.increment_decimals,
        -- Counts and fees are quantities of 6 decimals. Free units that end with the free events are no part of T.
        case
            when prices.measure_slot is not null then usage_specifications.quantity_scales[prices.measure_slot]
            else 6
        end as quantity_scale
    from prices
    left join settings on prices.price_version_id = settings.price_version_id
    left join counters on prices.price_version_id = counters.price_version_id
    left join usage_specifications on prices.usage_specification_id = usage_specifications.usage_specification_id

),

book_tariffs as (

    select
        scaled_prices.*,
        cast(null as integer) as price_override_id
    from scaled_prices

),

override_tariffs as (

    select distinct
        scaled_prices.price_version_id,
        scaled_prices.price_id,
        price_overrides.tariff_model,
        scaled_prices.bounds,
        scaled_prices.unused,
        scaled_prices.below_zero,
        scaled_prices.beyond_last,
        scaled_prices.free_quantity,
        price_overrides.minimum_amount,
        price_overrides.maximum_amount,
        scaled_prices.increment_method,
        scaled_prices.increment_decimals,
        scaled_prices.quantity_scale,
        price_overrides.price_override_id
    from price_overrides
    inner join products on price_overrides.product_id = products.product_id
    inner join offering_prices
        on
            products.offering_id = offering_prices.product_offering_id
            and price_overrides.price_id = offering_prices.price_id
    inner join scaled_prices on offering_prices.price_version_id = scaled_prices.price_version_id

),

all_tariffs as (

    select * from book_tariffs
    union all
    select * from override_tariffs

)

select
    cast(row_number() over (order by price_override_id nulls first, price_version_id) as integer) as tariff_number,
    price_version_id,
    price_override_id,
    tariff_model,
    bounds,
    unused,
    below_zero,
    beyond_last,
    floor(free_quantity * {{ power_of_ten('quantity_scale') }}) as free_units,
    minimum_amount,
    maximum_amount,
    increment_method,
    increment_decimals,
    cast(quantity_scale as integer) as quantity_scale
from all_tariffs
