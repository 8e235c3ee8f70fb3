with

price_tariff_settings as (

    select * from {{ source('catalog', 'price_tariff_settings') }}

),

prices as (

    select * from {{ ref('stg_catalog__prices') }}

)

select
    price_tariff_settings.price_version_id,

    price_tariff_settings.bounds,
    price_tariff_settings.unused,
    price_tariff_settings.below_zero,
    price_tariff_settings.beyond_last,
    price_tariff_settings.increment_method,
    price_tariff_settings.carry,

    price_tariff_settings.free_quantity,
    price_tariff_settings.minimum_amount,
    price_tariff_settings.maximum_amount,
    price_tariff_settings.increment_decimals
from price_tariff_settings
inner join prices on price_tariff_settings.price_version_id = prices.price_version_id
