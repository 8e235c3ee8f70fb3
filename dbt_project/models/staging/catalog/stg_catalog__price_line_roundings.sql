with

price_line_roundings as (

    select * from {{ source('catalog', 'price_line_roundings') }}

),

prices as (

    select * from {{ ref('stg_catalog__prices') }}

)

select
    price_line_roundings.price_version_id,

    price_line_roundings.rounding_method,
    price_line_roundings.rounding_decimals
from price_line_roundings
inner join prices on price_line_roundings.price_version_id = prices.price_version_id
