with

price_counters as (

    select * from {{ source('catalog', 'price_counters') }}

),

prices as (

    select * from {{ ref('stg_catalog__prices') }}

)

select
    price_counters.price_version_id,

    price_counters.counter
from price_counters
inner join prices on price_counters.price_version_id = prices.price_version_id
