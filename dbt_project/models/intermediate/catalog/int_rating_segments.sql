{# A table with statistics: a view over two tables would be read once, without any, and every event would be sorted for the join. #}
{{ config(materialized='table', post_hook='analyze {{ this }}') }}

{#
    Segments of all tariffs: those of the book and of personal prices, and those of single calls over several bands of time.

    Between the short bounds every figure of T fits 64 bits: twice the steps of all blocks, and the divisor that rounds them, stay
    below 4 * 10^18. There rating needs no decimals.
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

    select
        *,
        {{ int_div('(4000000000000000000 - step_divisor)', '(2 * greatest(abs(step_numerator), 1))') }} as short_distance
    from segments

)

select
    tariff_number,
    from_units,
    until_units,
    offset_units,
    base_exact,
    flat_exact,
    block_units,
    step_numerator,
    step_divisor,
    cast(greatest(from_units, offset_units - short_distance) as bigint) as short_from_units,
    cast(least(until_units, offset_units + short_distance) as bigint) as short_until_units,
    cast(case when short_distance > 0 then step_numerator else 0 end as bigint) as short_numerator
from with_reach
