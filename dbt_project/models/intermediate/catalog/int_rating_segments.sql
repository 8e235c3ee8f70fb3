{# A table with statistics: a view over two tables would be read once, without any, and every event would be sorted for the join. #}
{{ config(materialized='table', post_hook='analyze {{ this }}') }}

{#
    Segments of all tariffs: those of the book and of personal prices, and those of single calls over several bands of time.

    An event that stays above short_from_units on one segment and moves by short_delta_units at most needs no decimals: every figure
    fits 64 bits, because twice the steps of its blocks, and of a whole turn of the divisor that rounds them, stay below 4 * 10^18
    (macro tariff_move). A segment holds what is above its lower bound; where T does not jump there, short_from_units lets the bound
    in too, so that a counter's first event needs no second lookup. Below its offset a segment with a divisor rounds the other way.
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

    -- So many blocks: two less, because an event may start and end within one.
    select
        *,
        {{ int_div('(4000000000000000000 - step_divisor)', '(2 * greatest(abs(step_numerator), 1))') }} - step_divisor - 2 as short_blocks
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
        with_reach.from_units - case when seams.tariff_number is not null then 1 else 0 end,
        case when with_reach.step_divisor <> 1 then with_reach.offset_units - 1 end
    ) as bigint) as short_from_units,
    cast(case
        when with_reach.short_blocks > 0 then least(with_reach.short_blocks * coalesce(with_reach.block_units, 1), 4000000000000000000)
        else -1
    end as bigint) as short_delta_units,
    cast(case when with_reach.short_blocks > 0 then with_reach.step_numerator else 0 end as bigint) as short_numerator
from with_reach
left join seams
    on
        with_reach.tariff_number = seams.tariff_number
        and with_reach.from_units = seams.from_units
