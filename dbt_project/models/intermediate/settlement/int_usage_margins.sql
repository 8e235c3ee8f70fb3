{{ config(materialized='table') }}

{#
    What customers pay for usage that the operator also owes a partner for, and what it costs, event by event and summed per tariff and
    retail price: both exact, in the home currency at the run's rates. Fees are no part of it: usage that a bundle gives away has a
    cost and no revenue. Without tariffs of agreements no event is read.
#}

with

run as (

    select * from {{ ref('int_run') }}

),

run_inputs as (

    select * from {{ ref('stg_lane__run_inputs') }}

),

tariffs as (

    select tariffs.*
    from {{ ref('stg_catalog__agreement_tariffs') }} as tariffs
    inner join run on tariffs.payer_party_id = run.operator_party_id

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

fx_rates as (

    select fx_rates.*
    from {{ ref('int_fx_rates_in_run') }} as fx_rates
    inner join run on fx_rates.fx_source = run.fx_source
    inner join run_inputs on fx_rates.to_currency_code = run_inputs.home_currency_code

),

rated_usage as (

    select * from {{ ref('fct_rated_usage') }}
    where exists (select 1 from tariffs)

),

costs as (

    select
        rated_usage.file_id,
        rated_usage.line_number,
        tariffs.agreement_id,
        tariffs.tariff_id,
        rated_usage.price_version_id,
        rated_usage.amount_exact
    from rated_usage
    inner join products on rated_usage.product_number = products.product_number
    inner join tariffs on products.offering_id = tariffs.offering_id

),

events as (

    select
        costs.agreement_id,
        costs.tariff_id,
        products.offering_id,
        rated_usage.price_version_id,
        costs.price_version_id as cost_price_version_id,
        count(*) as event_count,
        cast(sum(rated_usage.amount_exact) as numeric(38, 16)) as revenue_exact,
        cast(sum(costs.amount_exact) as numeric(38, 16)) as cost_exact
    from costs
    inner join rated_usage
        on
            costs.file_id = rated_usage.file_id
            and costs.line_number = rated_usage.line_number
    inner join products
        on
            rated_usage.product_number = products.product_number
            and products.agreement_id is null
    group by
        costs.agreement_id, costs.tariff_id, products.offering_id, rated_usage.price_version_id, costs.price_version_id

)

select
    events.agreement_id,
    events.tariff_id,
    events.offering_id,
    prices.price_id,
    run_inputs.home_currency_code as currency_code,
    cast(sum(events.event_count) as bigint) as event_count,
    cast(sum(events.revenue_exact * coalesce(revenue_rates.fx_rate, 1)) as numeric(38, 16)) as revenue_exact,
    cast(sum(events.cost_exact * coalesce(cost_rates.fx_rate, 1)) as numeric(38, 16)) as cost_exact
from events
cross join run_inputs
inner join prices on events.price_version_id = prices.price_version_id
inner join prices as cost_prices on events.cost_price_version_id = cost_prices.price_version_id
left join fx_rates as revenue_rates on prices.currency_code = revenue_rates.from_currency_code
left join fx_rates as cost_rates on cost_prices.currency_code = cost_rates.from_currency_code
group by events.agreement_id, events.tariff_id, events.offering_id, prices.price_id, run_inputs.home_currency_code
