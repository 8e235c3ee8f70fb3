{{ config(materialized='table') }}

{#
    Every set of tiers that can rate something in this run. An override replaces the tiers of a price but measures what the
    price measures, so it becomes one tariff per price version it can stand in for.
#}

with

prices as (

    select * from {{ ref('stg_catalog__prices') }}

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
        prices.per_quantity,
        -- Events counted and fees are quantities of 6 decimals.
        case
            when prices.measure_aggregation = 'sum' then usage_specifications.quantity_scales[prices.measure_slot]
            else 6
        end as quantity_scale
    from prices
    left join usage_specifications on prices.usage_specification_id = usage_specifications.usage_specification_id

),

book_tariffs as (

    select
        price_version_id,
        cast(null as integer) as price_override_id,
        tariff_model,
        per_quantity,
        quantity_scale
    from scaled_prices

),

override_tariffs as (

    select distinct
        scaled_prices.price_version_id,
        price_overrides.price_override_id,
        price_overrides.tariff_model,
        price_overrides.per_quantity,
        scaled_prices.quantity_scale
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
    cast(per_quantity as numeric(18, 6)) as per_quantity,
    cast(quantity_scale as integer) as quantity_scale
from all_tariffs
