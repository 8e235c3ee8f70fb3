{# Each tier as pieces that start to count where T of the tiers below ends: the tier itself, and what follows its maximum or its end. #}

with

tiers as (

    select
        *,
        case when priced_part = 'each' then from_units else 0 end + coalesce(block_shift_units, 0) as offset_units,
        case when flat_amount > tier_maximum then tier_maximum else flat_amount end as tier_flat
    from {{ ref('int_tariff_tiers') }}

),

-- What a whole tier costs, rounded as T rounds it. A tier without end is never whole.
whole_tiers as (

    select
        *,
        tier_flat + {{ from_scaled(tariff_step(
            blocks_of('(case when priced_part = \'each\' then width_units else from_units + width_units end - coalesce(block_shift_units, 0))', 'block_units'),
            'step_numerator', 'step_divisor'
        )) }} as whole_amount,
        case
            when tier_maximum is null then through_units
            else least(through_units, greatest(above_units, {{ reached_units('(tier_maximum - tier_flat)') }}))
        end as uncapped_until_units
    from tiers

),

capped_tiers as (

    select
        *,
        case when whole_amount > tier_maximum then tier_maximum else whole_amount end as full_amount
    from whole_tiers

),

with_tiers_below as (

    select
        *,
        case when priced_part = 'each' then coalesce(sum(full_amount) over tiers_below, 0) else 0 end as reached_amount,
        case when priced_part = 'each' then coalesce(sum(tier_flat) over tiers_below, 0) else 0 end + tier_flat as reached_flat
    from capped_tiers
    window tiers_below as (partition by tariff_number order by tier_number rows between unbounded preceding and 1 preceding)

),

pieces as (

    select
        tariff_number,
        above_units as from_units,
        uncapped_until_units as until_units,
        offset_units,
        reached_amount + tier_flat as base_exact,
        reached_flat as flat_exact,
        block_units,
        step_numerator,
        step_divisor,
        minimum_amount,
        maximum_amount
    from with_tiers_below

    union all

    -- A tier that has reached its own maximum.
    select
        tariff_number,
        uncapped_until_units,
        through_units,
        0,
        reached_amount + tier_maximum,
        reached_flat,
        null,
        0,
        1,
        minimum_amount,
        maximum_amount
    from with_tiers_below

    union all

    -- Beyond a last tier with an end, where that is free.
    select
        tariff_number,
        through_units,
        9223372036854775807,
        0,
        reached_amount + full_amount,
        reached_flat,
        null,
        0,
        1,
        minimum_amount,
        maximum_amount
    from with_tiers_below
    where is_last and beyond_last = 'free'

)

select
    tariff_number,
    from_units,
    until_units,
    offset_units,
    cast(base_exact as numeric(38, 16)) as base_exact,
    cast(flat_exact as numeric(38, 16)) as flat_exact,
    block_units,
    step_numerator,
    step_divisor,
    minimum_amount,
    maximum_amount
from pieces
where from_units < until_units
