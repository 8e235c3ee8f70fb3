{# A table with statistics: a view over two tables would be read once, without any, and every event would be sorted for the join. #}
{{ config(materialized='table', post_hook='analyze {{ this }}') }}

{#
    Segments of all tariffs: those of the book and of personal prices, and those of single calls over several bands of time.

    Between the short bounds every figure of T fits 64 bits: twice the steps of all blocks, and the divisor that rounds them, stay
    below 4 * 10^18. There rating needs no decimals. A segment holds what is above its lower bound; where T does not jump there, the
    short bounds hold the bound itself too, so that a counter's first event needs no second lookup.
#}

with

segments as (

    select
        tariff_number,
        from_units,
        until_units,
        offset_units,
        base_exact,
        flat_exact,
        block_units,
        step_numerator,
        step_divisor
    from {{ ref('int_tariff_segments') }}

    union all

    select
        tariff_number,
        from_units,
        until_units,
        offset_units,
        base_exact,
        cast(0 as numeric(38, 16)),
        block_units,
        step_numerator,
        step_divisor
    from {{ ref('int_split_segments') }}

),

with_reach as (

    -- So many blocks, in units.
    select
        *,
        least(
            {{ int_div('(4000000000000000000 - step_divisor)', '(2 * greatest(abs(step_numerator), 1))') }} * coalesce(block_units, 1),
            4000000000000000000
        ) as short_distance
    from segments

),

seams as (

    select
        above.tariff_number,
        above.from_units
    from segments as above
    inner join segments as below
        on
            above.tariff_number = below.tariff_number
            and above.from_units = below.until_units
    where
        above.flat_exact = below.flat_exact
        and {{ tariff_value('cast(above.from_units as numeric)', 'above') }} = {{ tariff_value('cast(above.from_units as numeric)', 'below') }}

)

select
    with_reach.tariff_number,
    with_reach.from_units,
    with_reach.until_units,
    with_reach.offset_units,
    with_reach.base_exact,
    with_reach.flat_exact,
    with_reach.block_units,
    with_reach.step_numerator,
    with_reach.step_divisor,
    cast(greatest(
        with_reach.from_units - case when seams.tariff_number is not null then 1 else 0 end, with_reach.offset_units - with_reach.short_distance
    ) as bigint) as short_from_units,
    cast(least(with_reach.until_units, with_reach.offset_units + with_reach.short_distance) as bigint) as short_until_units,
    cast(case when with_reach.short_distance > 0 then with_reach.step_numerator else 0 end as bigint) as short_numerator
from with_reach
left join seams
    on
        with_reach.tariff_number = seams.tariff_number
        and with_reach.from_units = seams.from_units
