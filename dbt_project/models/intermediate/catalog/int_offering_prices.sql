{{ config(materialized='table', post_hook='analyze {{ this }}') }}

{#
    Which price versions a product of an offering can be charged, and for which offering each of them counts.

    A bundle is charged its own fees, shared out over its components, and its components' usage prices.
#}

with

prices as (

    select * from {{ ref('stg_catalog__prices') }}

),

components as (

    select * from {{ ref('stg_catalog__bundle_components') }}

),

bundles as (

    select distinct bundle_offering_id from components

),

own_prices as (

    select
        prices.offering_id as product_offering_id,
        prices.offering_id as charged_offering_id,
        cast(null as text) as bundle_offering_id,
        prices.*
    from prices
    left join bundles on prices.offering_id = bundles.bundle_offering_id
    where bundles.bundle_offering_id is null

),

bundle_fees as (

    select
        prices.offering_id as product_offering_id,
        components.component_offering_id as charged_offering_id,
        prices.offering_id as bundle_offering_id,
        prices.*
    from prices
    inner join components on prices.offering_id = components.bundle_offering_id

),

component_usage_prices as (

    select
        components.bundle_offering_id as product_offering_id,
        components.component_offering_id as charged_offering_id,
        components.bundle_offering_id,
        prices.*
    from prices
    inner join components on prices.offering_id = components.component_offering_id
    where prices.price_kind = 'usage'

)

select * from own_prices
union all
select * from bundle_fees
union all
select * from component_usage_prices
