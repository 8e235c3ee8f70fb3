with

prices as (

    select * from {{ source('catalog', 'prices') }}

),

run_inputs as (

    select * from {{ ref('stg_lane__run_inputs') }}

)

select
    prices.price_version_id,
    prices.offering_id,
    prices.price_id,
    prices.usage_specification_id,

    prices.price_kind,
    prices.currency_code,
    prices.measure_aggregation,
    prices.tariff_model,
    prices.allowance_id,
    prices.charged,

    prices.measure_slot,
    prices.specificity,
    prices.sort_order,

    prices.is_tax_inclusive,
    prices.is_prorated,
    prices.trial_applies,

    prices.effective_from,
    prices.effective_until
from prices
inner join run_inputs on prices.book_id = run_inputs.book_id
