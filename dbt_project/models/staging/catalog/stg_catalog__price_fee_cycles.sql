with

price_fee_cycles as (

    select * from {{ source('catalog', 'price_fee_cycles') }}

),

prices as (

    select * from {{ ref('stg_catalog__prices') }}

)

select
    price_fee_cycles.price_version_id,

    price_fee_cycles.every_unit,
    price_fee_cycles.anchor,
    price_fee_cycles.divisor,
    prices.charged,

    price_fee_cycles.every_count,
    price_fee_cycles.cycle_day,
    price_fee_cycles.factor_decimals,

    price_fee_cycles.counts_seconds,
    price_fee_cycles.charges_last_day
from price_fee_cycles
inner join prices on price_fee_cycles.price_version_id = prices.price_version_id
