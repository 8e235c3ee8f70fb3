{{ config(materialized='table') }}

{# Which allowances a usage price draws from, and in which pass of the rating each is used up. Prices that draw from the same ones
   share a set, so that an event finds its buckets by product and set. Money is counted in units of ten decimals, and has passes of its own. #}

with

allowances as (

    select * from {{ ref('stg_catalog__allowances') }}

),

allowance_covers as (

    select * from {{ ref('stg_catalog__allowance_covers') }}

),

prices as (

    select * from {{ ref('stg_catalog__prices') }}
    where price_kind = 'usage'

),

tariffs as (

    select * from {{ ref('int_tariffs') }}
    where price_override_id is null

),

draws as (

    select
        prices.offering_id as charged_offering_id,
        prices.price_id,
        prices.offering_id,
        prices.allowance_id
    from prices
    where prices.allowance_id is not null

    union

    select
        covered_offering_id as charged_offering_id,
        covered_price_id as price_id,
        offering_id,
        allowance_id
    from allowance_covers

),

sets as (

    select
        charged_offering_id,
        price_id,
        dense_rank() over (order by string_agg(offering_id || '/' || allowance_id, ' ' order by offering_id, allowance_id)) as set_number
    from draws
    group by charged_offering_id, price_id

),

-- All prices of an allowance measure in one scale; a test says so.
scales as (

    select
        draws.offering_id,
        draws.allowance_id,
        max(tariffs.quantity_scale) as quantity_scale
    from draws
    inner join prices on draws.charged_offering_id = prices.offering_id and draws.price_id = prices.price_id
    inner join tariffs on prices.price_version_id = tariffs.price_version_id
    group by draws.offering_id, draws.allowance_id

)

select
    draws.charged_offering_id,
    draws.price_id,
    cast(sets.set_number as integer) as allowance_set_number,
    draws.offering_id,
    draws.allowance_id,
    allowances.pass_number,
    allowances.shared_by,
    allowances.is_prorated,
    allowances.rollover_expiry,
    allowances.amount is not null as is_money,
    case when allowances.amount is null then scales.quantity_scale else {{ money_allowance_scale() }} end as quantity_scale,
    cast(floor(
        coalesce(allowances.usage_quantity, allowances.amount)
        * {{ power_of_ten('case when allowances.amount is null then scales.quantity_scale else ' ~ money_allowance_scale() ~ ' end') }}
    ) as bigint) as allowance_units,
    cast(floor(
        allowances.rollover_maximum
        * {{ power_of_ten('case when allowances.amount is null then scales.quantity_scale else ' ~ money_allowance_scale() ~ ' end') }}
    ) as bigint) as rollover_maximum_units
from draws
inner join sets on draws.charged_offering_id = sets.charged_offering_id and draws.price_id = sets.price_id
inner join allowances on draws.offering_id = allowances.offering_id and draws.allowance_id = allowances.allowance_id
inner join scales on draws.offering_id = scales.offering_id and draws.allowance_id = scales.allowance_id
