with

minimum_counts as (

    select * from {{ source('catalog', 'minimum_counts') }}

),

prices as (

    select * from {{ ref('stg_catalog__prices') }}

)

select
    minimum_counts.price_version_id,
    minimum_counts.counted_price_id
from minimum_counts
inner join prices on minimum_counts.price_version_id = prices.price_version_id
