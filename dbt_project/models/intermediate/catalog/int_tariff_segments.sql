{{ config(materialized='table', post_hook='analyze {{ this }}') }}

{#
    Tariffs as pieces of one function T of the cumulative quantity (macro tariff_value): T = base + blocks * step.

    A new tariff model is one branch more in `pieces`: say where the piece starts to count (offset), what has been reached by
    then (base), what one block costs (unit_amount) and how large a block is (package). Nothing else changes.
#}

with

tariffs as (

    select * from {{ ref('int_tariffs') }}

),

price_tiers as (

    select * from {{ ref('stg_catalog__price_tiers') }}

),

price_override_tiers as (

    select * from {{ ref('stg_inbox__price_override_tiers') }}

),

tiers as (

    select
        tariffs.*,
        price_tiers.tier_number,
        price_tiers.from_quantity,
        price_tiers.until_quantity,
        price_tiers.unit_amount,
        price_tiers.flat_amount,
        price_tiers.package_size
    from tariffs
    inner join price_tiers on tariffs.price_version_id = price_tiers.price_version_id
    where tariffs.price_override_id is null

    union all

    select
        tariffs.*,
        price_override_tiers.tier_number,
        price_override_tiers.from_quantity,
        price_override_tiers.until_quantity,
        price_override_tiers.unit_amount,
        price_override_tiers.flat_amount,
        price_override_tiers.package_size
    from tariffs
    inner join price_override_tiers on tariffs.price_override_id = price_override_tiers.price_override_id

),

tiers_in_units as (

    select
        tariff_number,
        tariff_model,
        tier_number,
        cast(floor(from_quantity * {{ power_of_ten('quantity_scale') }}) as bigint) as from_units,
        cast(coalesce(floor(until_quantity * {{ power_of_ten('quantity_scale') }}), 9223372036854775807) as bigint) as until_units,
        case when tariff_model = 'flat' then 0 else unit_amount end as unit_amount,
        flat_amount,
        cast(case when tariff_model = 'package' then package_size * {{ power_of_ten('quantity_scale') }} end as bigint) as package_units,
        -- Both whole numbers: amounts have 10 decimals, per_quantity has 6; common factors are cut below.
        case when tariff_model = 'flat' then 0 else unit_amount end * 1e22 as raw_numerator,
        case
            when tariff_model in ('package', 'flat') then 1e6
            else per_quantity * {{ power_of_ten('quantity_scale') }} * 1e6
        end as raw_divisor
    from tiers

),

reduced as (

    select
        *,
        trunc({{ int_div('raw_numerator', 'gcd(raw_numerator, raw_divisor)') }}) as step_numerator,
        trunc({{ int_div('raw_divisor', 'gcd(raw_numerator, raw_divisor)') }}) as step_divisor
    from tiers_in_units

),

full_tiers as (

    select
        *,
        -- What a whole tier costs, rounded as T rounds it. The last tier has no end and is never whole.
        case
            when until_units < 9223372036854775807
                then flat_amount + {{ from_scaled(tariff_step('(until_units - from_units)', 'step_numerator', 'step_divisor')) }}
        end as full_amount
    from reduced
    where tariff_model = 'graduated'

),

with_tiers_below as (

    select
        *,
        coalesce(
            sum(full_amount) over (partition by tariff_number order by tier_number rows between unbounded preceding and 1 preceding),
            0
        ) as reached_amount
    from full_tiers

),

pieces as (

    -- Each tier on top of the tiers below.
    select
        tariff_number,
        from_units,
        until_units,
        from_units as offset_units,
        reached_amount + flat_amount as base_exact,
        package_units,
        step_numerator,
        step_divisor
    from with_tiers_below

    union all

    -- The tier the total falls in prices the whole quantity; per_unit, package and flat are one tier of this kind.
    select
        tariff_number,
        from_units,
        until_units,
        0 as offset_units,
        flat_amount as base_exact,
        package_units,
        step_numerator,
        step_divisor
    from reduced
    where tariff_model in ('volume', 'per_unit', 'package', 'flat')

    union all

    -- At zero and below (credits before any use) the first unit's price counts and no flat amount: T(0) = 0 for every tariff.
    select
        tariff_number,
        -9223372036854775808 as from_units,
        0 as until_units,
        0 as offset_units,
        0 as base_exact,
        package_units,
        step_numerator,
        step_divisor
    from reduced
    where tier_number = 1

)

select
    tariff_number,
    cast(from_units as bigint) as from_units,
    cast(until_units as bigint) as until_units,
    cast(offset_units as bigint) as offset_units,
    cast(base_exact as numeric(38, 16)) as base_exact,
    cast(package_units as bigint) as package_units,
    cast(step_numerator as numeric(38, 0)) as step_numerator,
    cast(step_divisor as bigint) as step_divisor
from pieces
