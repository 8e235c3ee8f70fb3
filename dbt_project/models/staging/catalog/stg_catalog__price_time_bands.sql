with

price_time_bands as (

    select * from {{ source('catalog', 'price_time_bands') }}

),

prices as (

    select * from {{ ref('stg_catalog__prices') }}

)

select
    price_time_bands.price_version_id,
    price_time_bands.band_number,
    price_time_bands.calendar_number,

    price_time_bands.time_band_numbers,
    price_time_bands.tariff_model,

    price_time_bands.minimum_amount,
    price_time_bands.maximum_amount
from price_time_bands
inner join prices on price_time_bands.price_version_id = prices.price_version_id
