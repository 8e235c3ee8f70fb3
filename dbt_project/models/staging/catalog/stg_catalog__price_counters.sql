with

price_counters as (

    select * from {{ source('catalog', 'price_counters') }}

),

prices as (

    select * from {{ ref('stg_catalog__prices') }}

)

select
    price_counters.price_version_id,

    price_counters.counter,
    price_counters.billed,
    price_counters.prorated_by,
    price_counters.shared_by,
    price_counters.value_characteristic,
    price_counters.removal_characteristic,
    price_counters.removal_values,

    price_counters.prorated_slot,
    price_counters.free_events,

    price_counters.is_recurring,
    price_counters.is_removal_day_charged
from price_counters
inner join prices on price_counters.price_version_id = prices.price_version_id
