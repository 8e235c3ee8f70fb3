{# Which value a characteristic set adds to, or removes from, a count of distinct values. One row per such price version and set. #}

with

characteristic_sets as (

    select * from {{ ref('stg_inbox__characteristic_sets') }}

),

prices as (

    select * from {{ ref('stg_catalog__prices') }}

),

counter_rules as (

    select * from {{ ref('int_counter_rules') }}
    where measure_aggregation = 'unique_count'

)

select
    counter_rules.price_version_id,
    characteristic_sets.characteristic_set_id,
    coalesce(characteristic_sets.characteristics ->> counter_rules.value_characteristic, '') as value,
    coalesce(
        characteristic_sets.characteristics ->> counter_rules.removal_characteristic = any(counter_rules.removal_values), false
    ) as is_removal
from counter_rules
inner join prices on counter_rules.price_version_id = prices.price_version_id
inner join characteristic_sets on prices.usage_specification_id = characteristic_sets.usage_specification_id
