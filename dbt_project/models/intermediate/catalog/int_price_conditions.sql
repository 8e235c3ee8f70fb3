{# Conditions of usage prices, equal ones numbered once, so that a characteristic value is looked at once however many prices ask. #}

with

price_conditions as (

    select * from {{ ref('stg_catalog__price_conditions') }}

),

prices as (

    select * from {{ ref('stg_catalog__prices') }}

)

select
    price_conditions.price_version_id,
    prices.usage_specification_id,
    cast(dense_rank() over (
        order by
            prices.usage_specification_id,
            price_conditions.characteristic,
            price_conditions.zone_list,
            price_conditions.allowed_values
    ) as integer) as condition_number,
    price_conditions.characteristic,
    price_conditions.zone_list,
    price_conditions.allowed_values
from price_conditions
inner join prices on price_conditions.price_version_id = prices.price_version_id
