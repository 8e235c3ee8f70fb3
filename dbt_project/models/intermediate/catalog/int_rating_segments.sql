{# A table with statistics: a view over two tables would be read once, without any, and every event would be sorted for the join. #}
{{ config(materialized='table', post_hook='analyze {{ this }}') }}

{# Segments of all tariffs: those of the book and of personal prices, and those of single calls over several bands of time. #}

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
