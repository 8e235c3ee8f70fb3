with

price_early_ends as (

    select * from {{ source('catalog', 'price_early_ends') }}

),

prices as (

    select * from {{ ref('stg_catalog__prices') }}

)

select
    price_early_ends.price_version_id,

    price_early_ends.is_per_month_left
from price_early_ends
inner join prices on price_early_ends.price_version_id = prices.price_version_id
