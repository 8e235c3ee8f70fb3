{{ config(materialized='table', post_hook='analyze {{ this }}') }}

{# The tariff of each band that a price names. #}

with

time_band_tariffs as (

    select * from {{ ref('int_time_band_tariffs') }}

),

price_time_bands as (

    select * from {{ ref('stg_catalog__price_time_bands') }}

)

select
    time_band_tariffs.price_version_id,
    bands.time_band_number,
    time_band_tariffs.tariff_number
from time_band_tariffs
inner join price_time_bands
    on
        time_band_tariffs.price_version_id = price_time_bands.price_version_id
        and time_band_tariffs.band_number = price_time_bands.band_number
cross join lateral unnest(price_time_bands.time_band_numbers) as bands (time_band_number)
