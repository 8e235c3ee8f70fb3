with

price_event_rules as (

    select * from {{ source('catalog', 'price_event_rules') }}

),

prices as (

    select * from {{ ref('stg_catalog__prices') }}

)

select
    price_event_rules.price_version_id,

    price_event_rules.zero_events,
    price_event_rules.rounding_method,

    price_event_rules.round_first_quantity,
    price_event_rules.round_next_quantity,
    price_event_rules.event_amount,
    price_event_rules.minimum_amount,
    price_event_rules.maximum_amount,
    price_event_rules.rounding_decimals
from price_event_rules
inner join prices on price_event_rules.price_version_id = prices.price_version_id
