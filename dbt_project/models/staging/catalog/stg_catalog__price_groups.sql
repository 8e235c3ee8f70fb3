with

price_groups as (

    select * from {{ source('catalog', 'price_groups') }}

),

prices as (

    select * from {{ ref('stg_catalog__prices') }}

)

select
    price_groups.price_version_id,
    price_groups.price_group
from price_groups
inner join prices on price_groups.price_version_id = prices.price_version_id
