{{ config(materialized='table', post_hook='analyze {{ this }}') }}

{#
    Tiers of every tariff in whole units, with the exact amount of one step.

    A new tariff model is one row more in `models`: whether the tier reached prices the whole quantity or each tier its own part,
    and what one of `unit_amount` is worth. A model that counts in another way is a branch more in int_tariff_segments. Nothing
    else changes.
#}

with

models as (

    select 'flat' as tariff_model, 'whole' as priced_part, 0.00 as unit_factor
    union all
    select 'per_unit', 'whole', 1
    union all
    select 'package', 'whole', 1
    union all
    select 'volume', 'whole', 1
    union all
    select 'graduated', 'each', 1
    union all
    select 'dynamic', 'whole', 1
    union all
    select 'percentage', 'whole', 0.01
    union all
    select 'graduated_percentage', 'each', 0.01

),

price_tariffs as (

    select * from {{ ref('int_tariffs') }}

),

time_band_tariffs as (

    select * from {{ ref('int_time_band_tariffs') }}

),

tariffs as (

    select
        price_tariffs.*,
        0 as band_number
    from price_tariffs

    union all

    select
        time_band_tariffs.tariff_number,
        price_tariffs.price_version_id,
        price_tariffs.price_override_id,
        time_band_tariffs.tariff_model,
        price_tariffs.bounds,
        price_tariffs.unused,
        price_tariffs.below_zero,
        price_tariffs.beyond_last,
        price_tariffs.free_units,
        time_band_tariffs.minimum_amount,
        time_band_tariffs.maximum_amount,
        price_tariffs.increment_method,
        price_tariffs.increment_decimals,
        price_tariffs.quantity_scale,
        time_band_tariffs.band_number
    from time_band_tariffs
    inner join price_tariffs on time_band_tariffs.price_tariff_number = price_tariffs.tariff_number

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
        price_tiers.per_quantity,
        price_tiers.block_size,
        price_tiers.block_rounding,
        price_tiers.maximum_amount as tier_maximum
    from tariffs
    inner join price_tiers
        on
            tariffs.price_version_id = price_tiers.price_version_id
            and tariffs.band_number = price_tiers.band_number
    where tariffs.price_override_id is null

    union all

    select
        tariffs.*,
        price_override_tiers.tier_number,
        price_override_tiers.from_quantity,
        price_override_tiers.until_quantity,
        price_override_tiers.unit_amount,
        price_override_tiers.flat_amount,
        price_override_tiers.per_quantity,
        price_override_tiers.block_size,
        price_override_tiers.block_rounding,
        price_override_tiers.maximum_amount
    from tariffs
    inner join price_override_tiers on tariffs.price_override_id = price_override_tiers.price_override_id

),

in_units as (

    select
        tiers.*,
        models.priced_part,
        tiers.tier_number = max(tiers.tier_number) over (partition by tiers.tariff_number) as is_last,
        floor(tiers.from_quantity * {{ power_of_ten('tiers.quantity_scale') }}) as from_units,
        floor(tiers.until_quantity * {{ power_of_ten('tiers.quantity_scale') }}) as until_units,
        floor(tiers.block_size * {{ power_of_ten('tiers.quantity_scale') }}) as block_units,
        -- Both whole numbers: amounts have 10 decimals and their factor 2, per_quantity has 6; common factors are cut below.
        tiers.unit_amount * models.unit_factor
        * coalesce(floor(tiers.block_size * {{ power_of_ten('tiers.quantity_scale') }}), 1) * 1e22 as raw_numerator,
        tiers.per_quantity * {{ power_of_ten('tiers.quantity_scale') }} * 1e6 as raw_divisor
    from tiers
    inner join models on tiers.tariff_model = models.tariff_model

),

with_rounded_steps as (

    select
        *,
        -- The price of one increment can be rounded before it is multiplied.
        case
            when increment_decimals is null then raw_numerator
            else
                {{ round_quotient(
                    'raw_numerator * ' ~ power_of_ten('increment_decimals'), 'raw_divisor * 1e16', 'increment_method'
                ) }} * {{ power_of_ten('16 - increment_decimals') }}
        end as numerator,
        case when increment_decimals is null then raw_divisor else 1 end as divisor
    from in_units

)

select
    tariff_number,
    tier_number,
    priced_part,
    is_last,
    below_zero,
    beyond_last,
    unused,
    free_units,
    minimum_amount,
    maximum_amount,
    tier_maximum,
    flat_amount,

    from_units,
    -- A quantity on a bound belongs to the tier below it, or above it: then every bound lies one unit lower.
    case when bounds = 'from_inclusive' and from_units > 0 then from_units - 1 else from_units end as above_units,
    case
        when until_units is null or (is_last and beyond_last = 'last') then 9223372036854775807
        when bounds = 'from_inclusive' then until_units - 1
        else until_units
    end as through_units,
    -- What the whole tier holds; null for a tier without end.
    until_units - from_units as width_units,

    block_units,
    -- Blocks are counted up; counting them from further on is counting them down, or to the nearest.
    case block_rounding
        when 'down' then block_units - 1
        when 'nearest' then block_units - 1 - {{ int_div('block_units', 2) }}
        else 0
    end as block_shift_units,
    trunc({{ int_div('numerator', 'greatest(gcd(numerator, divisor), 1)') }}) as step_numerator,
    trunc({{ int_div('divisor', 'greatest(gcd(numerator, divisor), 1)') }}) as step_divisor
from with_rounded_steps
