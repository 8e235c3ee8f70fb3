{{ config(materialized='table') }}

{# Tariffs of bands of time: they measure what their price measures and are read as it is, with tiers and limits of their own. #}

with

tariffs as (

    select * from {{ ref('int_tariffs') }}

),

last_numbers as (

    select coalesce(max(tariff_number), 0) as last_number
    from tariffs

),

price_time_bands as (

    select * from {{ ref('stg_catalog__price_time_bands') }}

)

-- A personal price replaces the price with all its bands, so that only the book's tariffs have any.
select
    cast(last_numbers.last_number + row_number() over (
        order by price_time_bands.price_version_id, price_time_bands.band_number
    ) as integer) as tariff_number,
    tariffs.tariff_number as price_tariff_number,
    price_time_bands.price_version_id,
    price_time_bands.band_number,
    price_time_bands.tariff_model,
    price_time_bands.minimum_amount,
    price_time_bands.maximum_amount
from price_time_bands
cross join last_numbers
inner join tariffs
    on
        price_time_bands.price_version_id = tariffs.price_version_id
        and tariffs.price_override_id is null
