{{ config(materialized='table', pre_hook=rating_session(workers=0)) }}

{# Accepted usage that cannot be rated in this run, with its account where one is known. Normally a handful of rows. #}

with

guided as (

    select * from {{ ref('int_usage_exceptions') }}
    where quantity_units is null

),

identifiers as (

    select * from {{ ref('stg_inbox__identifiers') }}

),

products as (

    select distinct
        product_number,
        product_id,
        account_id,
        offering_id,
        agreement_id
    from {{ ref('int_products_dated') }}

),

usage_specifications as (

    select * from {{ ref('stg_catalog__usage_specifications') }}

)

select
    guided.file_id,
    guided.line_number,
    guided.event_key,
    guided.event_at,
    products.account_id,
    case
        when guided.product_number is not null then 'no_price'
        when usage_specifications.guided_to <> 'product' then 'no_agreement'
        else 'no_product'
    end as reason_code,
    case
        when guided.product_number is null and usage_specifications.guided_to <> 'product'
            then 'no tariff of an agreement covers this ' || usage_specifications.usage_specification_code || ' usage'
                || case
                    when usage_specifications.guided_to = 'either'
                        then ', and ' || identifiers.identifier_kind || ' ' || identifiers.identifier || ' has no product in force'
                    else ''
                end
        when products.agreement_id is not null and guided.price_version_id is null
            then 'tariff ' || products.offering_id || ' covers this ' || usage_specifications.usage_specification_code
                || ' usage and has no price in force for it'
        when guided.product_number is null
            then identifiers.identifier_kind || ' ' || identifiers.identifier || ' has no product in force at the event''s time'
        when guided.price_version_id is null
            then 'offering ' || products.offering_id || ' of product ' || products.product_id || ' has no price in force for this '
                || usage_specifications.usage_specification_code || ' usage'
        else 'the price of offering ' || products.offering_id || ' measures a quantity that this '
            || usage_specifications.usage_specification_code || ' usage does not have'
    end as detail
from guided
left join identifiers on guided.identifier_id = identifiers.identifier_id
left join products on guided.product_number = products.product_number
left join usage_specifications on guided.usage_specification_id = usage_specifications.usage_specification_id
