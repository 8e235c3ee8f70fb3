{{ config(meta={
    'dagster': {'ref': {'name': 'int_tariff_segments'}},
    'description': "The segments of a tariff cover every quantity exactly once, and an allowance is measured in one scale."
}) }}

-- Guards the segment join of fct_rated_usage: a gap would drop an event from the bill without a word, since the join is inner.

with

segments as (

    select
        *,
        lead(from_units) over (partition by tariff_number order by from_units) as next_from_units,
        row_number() over (partition by tariff_number order by from_units) as position
    from {{ ref('int_tariff_segments') }}

),

scales as (

    select
        draws.offering_id || '/' || draws.allowance_id as allowance,
        count(distinct tariffs.quantity_scale) as scale_count
    from {{ ref('int_allowance_draws') }} as draws
    inner join {{ ref('stg_catalog__prices') }} as prices
        on draws.charged_offering_id = prices.offering_id and draws.price_id = prices.price_id
    inner join {{ ref('int_tariffs') }} as tariffs on prices.price_version_id = tariffs.price_version_id
    where not draws.is_money
    group by draws.offering_id, draws.allowance_id

)

select 'tariff ' || tariff_number || ' has a gap or an overlap above ' || until_units as problem
from segments
where
    coalesce(next_from_units, 9223372036854775807) <> until_units
    or (position = 1 and from_units <> -9223372036854775808)

union all

select 'allowance ' || allowance || ' is drawn by prices of different scales' as problem
from scales
where scale_count > 1

union all

select 'tariff ' || tariffs.tariff_number || ' of price version ' || tariffs.price_version_id || ' has no tiers' as problem
from {{ ref('int_tariffs') }} as tariffs
left join segments on tariffs.tariff_number = segments.tariff_number
where segments.tariff_number is null
