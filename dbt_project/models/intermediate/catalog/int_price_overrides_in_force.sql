{{ config(materialized='table', post_hook='analyze {{ this }}') }}

{# Personalised prices of products in scope, as spans that do not overlap, with the number of their tariff. #}

with

price_overrides as (

    select * from {{ ref('stg_inbox__price_overrides') }}

),

products as (

    select * from {{ ref('int_products_dated') }}

),

tariffs as (

    select * from {{ ref('int_tariffs') }}

),

offering_prices as (

    select * from {{ ref('int_offering_prices') }}

),

spans as (

    select
        price_override_id,
        product_id,
        price_id,
        effective_from,
        least(
            coalesce(effective_until, {{ end_of_time() }}),
            coalesce(lead(effective_from) over (partition by product_id, price_id order by effective_from), {{ end_of_time() }})
        ) as effective_until
    from price_overrides

),

product_prices as (

    select distinct
        products.product_number,
        products.product_id,
        offering_prices.price_id,
        offering_prices.price_version_id
    from products
    inner join offering_prices on products.offering_id = offering_prices.product_offering_id
    where products.is_in_scope

)

select
    product_prices.product_number,
    product_prices.price_version_id,
    spans.price_override_id,
    tariffs.tariff_number,
    spans.effective_from,
    spans.effective_until
from spans
inner join product_prices
    on
        spans.product_id = product_prices.product_id
        and spans.price_id = product_prices.price_id
inner join tariffs
    on
        spans.price_override_id = tariffs.price_override_id
        and product_prices.price_version_id = tariffs.price_version_id
where spans.effective_from < spans.effective_until
