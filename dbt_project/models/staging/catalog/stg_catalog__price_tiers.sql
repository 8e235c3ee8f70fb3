with

price_tiers as (

    select * from {{ source('catalog', 'price_tiers') }}

),

prices as (

    select * from {{ ref('stg_catalog__prices') }}

)

select
    price_tiers.price_version_id,

    price_tiers.band_number,
    price_tiers.tier_number,
    price_tiers.from_quantity,
    price_tiers.until_quantity,
    price_tiers.unit_amount,
    price_tiers.flat_amount,
    price_tiers.per_quantity,
    price_tiers.block_size,
    price_tiers.block_rounding,
    price_tiers.maximum_amount
from price_tiers
inner join prices on price_tiers.price_version_id = prices.price_version_id
