{{ config(materialized='table', post_hook='analyze {{ this }}') }}

{#
    Tariffs as pieces of one function T of the cumulative quantity (macro tariff_value): T = base + blocks * step.

    A piece says where it starts to count (offset), what has been reached by then (base, with flat_exact the part of it that
    flat amounts make up), what one block costs (step) and how large a block is. Limits cut pieces in two; what is free, unused,
    below zero or beyond the last tier are pieces as well, so that rating an event is one lookup whatever the book says.
#}

with

tier_pieces as (

    select * from {{ ref('int_tariff_pieces') }}

),

with_limits as (

    select
        *,
        case
            when minimum_amount is null or base_exact > minimum_amount then from_units
            else least(until_units, greatest(from_units, {{ reached_units('(minimum_amount - base_exact)') }}))
        end as low_until_units,
        case
            when maximum_amount is null then until_units
            when base_exact > maximum_amount then from_units
            else least(until_units, greatest(from_units, {{ reached_units('(maximum_amount - base_exact)') }}))
        end as high_from_units
    from tier_pieces

),

limited_pieces as (

    select
        tariff_number, low_until_units as from_units, greatest(low_until_units, high_from_units) as until_units, offset_units,
        base_exact, flat_exact, block_units, step_numerator, step_divisor
    from with_limits

    union all

    -- T where its tiers give less than its minimum, and where they give more than its maximum.
    select tariff_number, from_units, low_until_units, 0, minimum_amount, least(flat_exact, minimum_amount), null, 0, 1
    from with_limits

    union all

    select
        tariff_number, greatest(low_until_units, high_from_units), until_units, 0, maximum_amount, least(flat_exact, maximum_amount), null, 0, 1
    from with_limits

),

-- Free units come before the first tier and move everything up.
starts as (

    select
        tariff_number,
        below_zero,
        free_units,
        case when unused = 'first_flat' then flat_amount else 0 end as unused_amount,
        block_units,
        step_numerator,
        step_divisor
    from {{ ref('int_tariff_tiers') }}
    where tier_number = 1

),

pieces_above_zero as (

    select
        limited_pieces.tariff_number,
        limited_pieces.from_units + starts.free_units as from_units,
        case
            when limited_pieces.until_units = 9223372036854775807 then limited_pieces.until_units
            else limited_pieces.until_units + starts.free_units
        end as until_units,
        limited_pieces.offset_units + starts.free_units as offset_units,
        limited_pieces.base_exact,
        limited_pieces.flat_exact,
        limited_pieces.block_units,
        limited_pieces.step_numerator,
        limited_pieces.step_divisor,
        starts.below_zero
    from limited_pieces
    inner join starts on limited_pieces.tariff_number = starts.tariff_number
    where limited_pieces.from_units < limited_pieces.until_units

    union all

    select tariff_number, 0, free_units, 0, unused_amount, unused_amount, null, 0, 1, below_zero
    from starts
    where free_units > 0

),

pieces as (

    select
        tariff_number, from_units, until_units, offset_units, base_exact, flat_exact, block_units, step_numerator, step_divisor
    from pieces_above_zero

    union all

    -- At zero and below (credits before any use): the first unit's price counts, or nothing does, or the tariff is mirrored.
    select
        tariff_number, case when below_zero = 'mirrored' then -1 else -9223372036854775808 end, 0, 0, unused_amount, unused_amount,
        case when below_zero = 'first_unit' then block_units end,
        case when below_zero = 'first_unit' then step_numerator else 0 end,
        case when below_zero = 'first_unit' then step_divisor else 1 end
    from starts

    union all

    select
        tariff_number, - until_units - 1, - from_units - 1, coalesce(block_units - 1, 0) - offset_units, - base_exact, - flat_exact,
        block_units, step_numerator, step_divisor
    from pieces_above_zero
    where below_zero = 'mirrored'

)

select
    tariff_number,
    cast(from_units as bigint) as from_units,
    cast(until_units as bigint) as until_units,
    cast(offset_units as bigint) as offset_units,
    cast(base_exact as numeric(38, 16)) as base_exact,
    cast(flat_exact as numeric(38, 16)) as flat_exact,
    cast(block_units as bigint) as block_units,
    cast(step_numerator as numeric(38, 0)) as step_numerator,
    cast(step_divisor as bigint) as step_divisor
from pieces
