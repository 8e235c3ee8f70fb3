{{ config(materialized='table', pre_hook=rating_session(workers=0, sorts=false), post_hook='analyze {{ this }}', meta={'small_models': 25}) }}

{#
    What tariffs of agreements ask for the usage of each customer line, event by event and added up, exact and in the tariff's own
    currency, beside what customers pay for the same events. Usage that an allowance covers, even in part, or that costs the
    customer nothing stands apart: what pays for it is the fee. Without tariffs of agreements no event is read.
#}

with

run as (

    select * from {{ ref('int_run') }}

),

tariffs as (

    select tariffs.*
    from {{ ref('stg_catalog__agreement_tariffs') }} as tariffs
    inner join run on tariffs.payer_party_id = run.operator_party_id or not tariffs.is_settled

),

products as (

    select distinct
        product_number,
        offering_id,
        agreement_id
    from {{ ref('int_products_dated') }}
    where is_in_scope

),

prices as (

    select * from {{ ref('stg_catalog__prices') }}

),

-- What customers pay for usage that tariffs cover as well: no other event is looked up.
retail_prices as (

    select price_version_id
    from prices
    where
        price_version_id in (
            select price_version_id
            from {{ ref('int_rating_rules') }}
            where characteristic_group_number in (select characteristic_group_number from {{ ref('int_agreement_guides') }})
        )
        and offering_id not in (select offering_id from {{ ref('stg_catalog__agreement_tariffs') }})

),

tariff_products as (

    select
        products.product_number,
        tariffs.offering_id as tariff_offering_id,
        tariffs.agreement_id,
        tariffs.tariff_id,
        tariffs.is_settled
    from products
    inner join tariffs on products.offering_id = tariffs.offering_id

),

-- Few of all events, which PostgreSQL cannot know; an equation it takes for rarely true. And it would join a list to the events: as a
-- filter of the scan, nothing is copied of what is passed over.
costs as (

    select
        file_id,
        line_number,
        product_number,
        price_version_id,
        amount_exact
    from {{ ref('fct_rated_usage') }}
    where
        exists (select 1 from tariffs)
        and case when product_number in (select product_number from tariff_products) then 1 else 0 end = 1

),

-- By numbers first; what they stand for is looked up for the sums.
costs_by_number as (

    select
        costs.product_number as cost_product_number,
        costs.price_version_id as cost_price_version_id,
        rated_usage.product_number,
        rated_usage.price_version_id,
        rated_usage.price_override_id,
        rated_usage.terms_id,
        rated_usage.is_late,
        rated_usage.allowance_units <> 0 or rated_usage.amount_exact = 0 as is_covered,
        count(*) as event_count,
        sum(rated_usage.amount_exact) as revenue_exact,
        sum(costs.amount_exact) as cost_exact
    from {{ ref('fct_rated_usage') }} as rated_usage
    inner join costs
        on
            rated_usage.file_id = costs.file_id
            and rated_usage.line_number = costs.line_number
    where
        exists (select 1 from tariffs)
        and case when rated_usage.price_version_id in (select price_version_id from retail_prices) then 1 else 0 end = 1
    group by 1, 2, 3, 4, 5, 6, 7, 8

),

costs_of_lines as (

    select
        tariff_products.tariff_offering_id,
        tariff_products.agreement_id,
        tariff_products.tariff_id,
        tariff_products.is_settled,
        costs_by_number.*
    from costs_by_number
    inner join tariff_products on costs_by_number.cost_product_number = tariff_products.product_number
    inner join products
        on
            costs_by_number.product_number = products.product_number
            and products.agreement_id is null

)

select
    costs_of_lines.tariff_offering_id,
    costs_of_lines.agreement_id,
    costs_of_lines.tariff_id,
    costs_of_lines.is_settled,
    prices.currency_code as cost_currency_code,
    costs_of_lines.product_number,
    costs_of_lines.price_version_id,
    costs_of_lines.price_override_id,
    costs_of_lines.terms_id,
    costs_of_lines.is_late,
    costs_of_lines.is_covered,
    cast(sum(costs_of_lines.event_count) as bigint) as event_count,
    cast(sum(costs_of_lines.revenue_exact) as numeric(38, 16)) as revenue_exact,
    cast(sum(costs_of_lines.cost_exact) as numeric(38, 16)) as cost_exact
from costs_of_lines
inner join prices on costs_of_lines.cost_price_version_id = prices.price_version_id
group by 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11
