{{ config(materialized='table', post_hook="analyze {{ this }}") }}

{#
    Tiers of sharing items per currency of lines, as pieces of one function of what is measured: R(x) = reached + rate * (x - offset).
    The rate is a part of the basis, or minor units of the line's currency per unit measured. At 0 and below the first tier counts.
#}

with

tiers as (

    select * from {{ ref('stg_catalog__agreement_tiers') }}

),

item_currencies as (

    select distinct
        agreement_version_id,
        item_id,
        currency_code,
        tier_of,
        measure_minor_units,
        line_minor_units
    from {{ ref('int_share_steps') }}
    where rule = 'tiers'

),

tiers_in_units as (

    select
        item_currencies.agreement_version_id,
        item_currencies.item_id,
        item_currencies.currency_code,
        tiers.tier_number,
        -- Bounds of revenue are amounts, all others are plain numbers.
        tiers.from_measure * case item_currencies.tier_of when 'revenue' then item_currencies.measure_minor_units else 1 end as from_measure,
        tiers.until_measure * case item_currencies.tier_of when 'revenue' then item_currencies.measure_minor_units else 1 end as until_measure,
        tiers.percent is not null as is_percent,
        coalesce(tiers.percent * 0.01, tiers.unit_amount * item_currencies.line_minor_units) as rate
    from item_currencies
    inner join tiers
        on item_currencies.agreement_version_id = tiers.agreement_version_id
        and item_currencies.item_id = tiers.item_id

)

select
    agreement_version_id,
    item_id,
    currency_code,
    is_percent,
    case when tier_number = 1 then -1e30 else from_measure end as from_measure,
    coalesce(until_measure, 1e30) as until_measure,
    from_measure as offset_measure,
    rate,
    coalesce(
        sum(rate * (until_measure - from_measure)) over (
            partition by agreement_version_id, item_id, currency_code order by tier_number rows between unbounded preceding and 1 preceding
        ),
        0
    ) as reached
from tiers_in_units
