with

price_conditions as (

    select * from {{ source('catalog', 'price_conditions') }}

),

prices as (

    select * from {{ ref('stg_catalog__prices') }}

)

select
    price_conditions.price_version_id,

    price_conditions.characteristic,
    price_conditions.zone_list,
    price_conditions.allowed_values
from price_conditions
inner join prices on price_conditions.price_version_id = prices.price_version_id
