{# The planner cannot know how many values come out of jsonb, expects one row and loops a hundred thousand times over a hundred
   thousand rows; without nested loops it hashes. #}
{{ config(
    materialized='table',
    pre_hook='set local enable_nestloop = off; set local work_mem = \'64MB\'',
    post_hook='analyze {{ this }}'
) }}

{#
    Characteristic sets that no price can tell apart share a group: a hundred thousand called numbers become a handful of groups.

    Zones are looked up here, once per distinct value, by the longest prefix of the zone list.
#}

with

characteristic_sets as (

    select * from {{ ref('stg_inbox__characteristic_sets') }}

),

usage_specifications as (

    select * from {{ ref('stg_catalog__usage_specifications') }}

),

conditions as (

    select distinct
        usage_specification_id,
        condition_number,
        characteristic,
        zone_list,
        allowed_values
    from {{ ref('int_price_conditions') }}

),

zone_prefixes as (

    select * from {{ ref('stg_catalog__zone_prefixes') }}

),

asked_characteristics as (

    select distinct
        usage_specification_id,
        characteristic
    from conditions

),

set_values as (

    select
        characteristic_sets.characteristic_set_id,
        asked_characteristics.usage_specification_id,
        asked_characteristics.characteristic,
        characteristic_sets.characteristics ->> asked_characteristics.characteristic as value
    from characteristic_sets
    inner join asked_characteristics
        on characteristic_sets.usage_specification_id = asked_characteristics.usage_specification_id

),

distinct_values as (

    select distinct
        usage_specification_id,
        characteristic,
        value
    from set_values
    where value is not null

),

leading_parts as (

    select
        distinct_values.*,
        left(distinct_values.value, lengths.length) as prefix,
        lengths.length
    from distinct_values
    cross join lateral generate_series(1, length(distinct_values.value)) as lengths (length)

),

zones_by_value as (

    select distinct on (leading_parts.usage_specification_id, leading_parts.characteristic, leading_parts.value, zone_prefixes.zone_list)
        leading_parts.usage_specification_id,
        leading_parts.characteristic,
        leading_parts.value,
        zone_prefixes.zone_list,
        zone_prefixes.zone
    from leading_parts
    inner join zone_prefixes on leading_parts.prefix = zone_prefixes.prefix
    order by
        leading_parts.usage_specification_id,
        leading_parts.characteristic,
        leading_parts.value,
        zone_prefixes.zone_list,
        leading_parts.length desc

),

satisfied as (

    select
        conditions.condition_number,
        distinct_values.usage_specification_id,
        distinct_values.characteristic,
        distinct_values.value
    from distinct_values
    inner join conditions
        on
            distinct_values.usage_specification_id = conditions.usage_specification_id
            and distinct_values.characteristic = conditions.characteristic
            and conditions.zone_list is null
            and distinct_values.value = any(conditions.allowed_values)

    union all

    select
        conditions.condition_number,
        zones_by_value.usage_specification_id,
        zones_by_value.characteristic,
        zones_by_value.value
    from zones_by_value
    inner join conditions
        on
            zones_by_value.usage_specification_id = conditions.usage_specification_id
            and zones_by_value.characteristic = conditions.characteristic
            and zones_by_value.zone_list = conditions.zone_list
            and zones_by_value.zone = any(conditions.allowed_values)

),

satisfied_by_set as (

    select
        set_values.characteristic_set_id,
        array_agg(satisfied.condition_number order by satisfied.condition_number) as satisfied_conditions
    from set_values
    inner join satisfied
        on
            set_values.usage_specification_id = satisfied.usage_specification_id
            and set_values.characteristic = satisfied.characteristic
            and set_values.value = satisfied.value
    group by set_values.characteristic_set_id

)

select
    characteristic_sets.characteristic_set_id,
    characteristic_sets.usage_specification_id,
    usage_specifications.guided_to,
    cast(dense_rank() over (
        order by characteristic_sets.usage_specification_id, satisfied_by_set.satisfied_conditions
    ) as integer) as characteristic_group_number,
    coalesce(satisfied_by_set.satisfied_conditions, cast(array[] as integer[])) as satisfied_conditions
from characteristic_sets
left join usage_specifications on characteristic_sets.usage_specification_id = usage_specifications.usage_specification_id
left join satisfied_by_set on characteristic_sets.characteristic_set_id = satisfied_by_set.characteristic_set_id
