{{ config(materialized='table', pre_hook=rating_session(workers=0), meta={'small_models': 12}) }}

{# The rated events themselves, added up for the reconciliation apart from the lines that are made of them. #}

with

-- Added up before anything is looked up.
rated_usage as (

    select
        product_number,
        price_version_id,
        cast(count(*) as bigint) as rated_count,
        cast(sum(amount_exact) as numeric(38, 16)) as amount_exact
    from {{ ref('fct_rated_usage') }}
    group by product_number, price_version_id

),

products as (

    select distinct
        product_number,
        agreement_id is not null as is_of_agreement
    from {{ ref('int_products_dated') }}

)

select
    products.is_of_agreement,
    rated_usage.price_version_id,
    cast(sum(rated_usage.rated_count) as bigint) as rated_count,
    cast(sum(rated_usage.amount_exact) as numeric(38, 16)) as amount_exact
from rated_usage
inner join products on rated_usage.product_number = products.product_number
group by products.is_of_agreement, rated_usage.price_version_id
