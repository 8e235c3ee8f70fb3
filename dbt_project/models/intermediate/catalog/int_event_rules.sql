{{ config(materialized='table', post_hook='analyze {{ this }}') }}

{# What happens to one event besides its tariff, in whole units. Few prices have any of it, and their events alone look here. #}

with

event_rules as (

    select * from {{ ref('stg_catalog__price_event_rules') }}

),

tariffs as (

    select * from {{ ref('int_tariffs') }}
    where price_override_id is null

)

select
    event_rules.price_version_id,
    cast(floor(event_rules.round_first_quantity * {{ power_of_ten('tariffs.quantity_scale') }}) as bigint) as round_first_units,
    cast(floor(event_rules.round_next_quantity * {{ power_of_ten('tariffs.quantity_scale') }}) as bigint) as round_next_units,
    cast(tariffs.free_units as bigint) as free_units,
    cast(event_rules.event_amount as numeric(38, 16)) as event_amount,
    cast(event_rules.minimum_amount as numeric(38, 16)) as minimum_amount,
    cast(event_rules.maximum_amount as numeric(38, 16)) as maximum_amount,
    event_rules.zero_events = 'charged' as are_zero_events_charged,
    event_rules.rounding_method,
    -- Others only round quantities.
    event_rules.event_amount <> 0
    or coalesce(event_rules.minimum_amount, event_rules.maximum_amount) is not null
    or event_rules.rounding_method is not null as changes_amounts,
    cast(event_rules.rounding_decimals as integer) as rounding_decimals,
    -- The last decimal that is kept, in units of 10^-16.
    cast({{ power_of_ten('16 - event_rules.rounding_decimals') }} as bigint) as rounding_step
from event_rules
inner join tariffs on event_rules.price_version_id = tariffs.price_version_id
