{#
    T(quantity): what a cumulative quantity costs, in major units of the price's currency. An event costs T(after) - T(before).

    A tariff is a list of segments (int_tariff_segments), one of which holds the quantity. On a segment
    T = base_exact + blocks * step_numerator / step_divisor * 10^-16, rounded half away from zero at the 16th decimal,
    where blocks = quantity - offset, or the started blocks of that. T is rounded, not the difference, so the events of a
    counter always add up to T of its total.

    quantity_units  whole units, an expression; segment  alias of the joined segment
#}
{% macro tariff_value(quantity_units, segment) -%}
    {%- set distance = '(' ~ quantity_units ~ ' - ' ~ segment ~ '.offset_units)' -%}
    {%- set blocks -%}
        (case
            when {{ segment }}.block_units is null then {{ distance }}
            else cast({{ ceil_div(distance, segment ~ '.block_units') }} as bigint)
        end)
    {%- endset -%}
    ({{ segment }}.base_exact + {{ from_scaled(tariff_step(blocks, segment ~ '.step_numerator', segment ~ '.step_divisor')) }})
{%- endmacro %}

{#
    T(after) - T(before) of two quantities on one segment that are no further apart than its short_delta_units (int_rating_segments):
    what tariff_value gives, in whole numbers of 64 bits until the last step, however far the counter is. The base falls out, and
    without a divisor there is nothing to round. With one, whole multiples of it are whole steps and fall out too: 0.19 per 60 s from
    600 s to 620 s is 0.19 per 60 s from 0 s to 20 s.

    after_units, before_units  whole units, expressions; segment  alias of the joined segment
#}
{% macro tariff_move(after_units, before_units, segment) -%}
    {%- set numerator = segment ~ '.short_numerator' -%}
    {%- set divisor = segment ~ '.step_divisor' -%}
    {%- set after = short_blocks(after_units, segment) -%}
    {%- set before = short_blocks(before_units, segment) -%}
    {%- set lower = short_blocks('least(' ~ after_units ~ ', ' ~ before_units ~ ')', segment) -%}
    {%- set whole = '(' ~ lower ~ ' - mod(' ~ lower ~ ', ' ~ divisor ~ '))' -%}
    {%- set scaled -%}
        (case
            when {{ divisor }} = 1 and {{ segment }}.block_units is null then {{ numerator }} * ({{ after_units }} - {{ before_units }})
            when {{ divisor }} = 1 then {{ numerator }} * ({{ after }} - {{ before }})
            else {{ short_step('(' ~ after ~ ' - ' ~ whole ~ ')', numerator, divisor) }}
                - {{ short_step('(' ~ before ~ ' - ' ~ whole ~ ')', numerator, divisor) }}
        end)
    {%- endset -%}
    {{ from_scaled(scaled) }}
{%- endmacro %}

{# Started blocks of a quantity on a segment, or its distance from the offset where a tariff has no blocks. 64 bits. #}
{% macro short_blocks(quantity_units, segment) -%}
    {%- set distance = '(' ~ quantity_units ~ ' - ' ~ segment ~ '.offset_units)' -%}
    (case
        when {{ segment }}.block_units is null then {{ distance }}
        else {{ short_div(distance, segment ~ '.block_units') }}
            + case when {{ distance }} > 0 and mod({{ distance }}, {{ segment }}.block_units) <> 0 then 1 else 0 end
    end)
{%- endmacro %}

{# tariff_step in 64 bits, of blocks that are not negative. #}
{% macro short_step(blocks, numerator, divisor) -%}
    {{ short_div('(' ~ numerator ~ ' * 2 * ' ~ blocks ~ ' + ' ~ divisor ~ ')', '(2 * ' ~ divisor ~ ')') }}
{%- endmacro %}

{# int_div of two bigints: short_div('-7', '2') = -3. PostgreSQL's div() would turn both into decimals. #}
{% macro short_div(dividend, divisor) -%}
    {{ return(adapter.dispatch('short_div')(dividend, divisor)) }}
{%- endmacro %}

{% macro postgres__short_div(dividend, divisor) -%}
    int8div({{ dividend }}, {{ divisor }})
{%- endmacro %}

{% macro duckdb__short_div(dividend, divisor) -%}
    cast(sign({{ dividend }}) * (abs({{ dividend }}) // {{ divisor }}) as bigint)
{%- endmacro %}

{# blocks * numerator / divisor, rounded half away from zero to a whole number: tariff_step('-1', '5', '2') = -3. #}
{% macro tariff_step(blocks, numerator, divisor) -%}
    {{ return(adapter.dispatch('tariff_step')(blocks, numerator, divisor)) }}
{%- endmacro %}

{# Most prices are per whole unit and end with divisor 1: no division for those. #}
{% macro postgres__tariff_step(blocks, numerator, divisor) -%}
    (case
        when {{ divisor }} = 1 then {{ numerator }} * {{ blocks }}
        else div(
            {{ numerator }} * (2 * {{ blocks }}) + (case when {{ blocks }} < 0 then - {{ divisor }} else {{ divisor }} end),
            2 * {{ divisor }}
        )
    end)
{%- endmacro %}

{# DuckDB's // rounds towards minus infinity, so the sign is put back afterwards. #}
{% macro duckdb__tariff_step(blocks, numerator, divisor) -%}
    (sign({{ blocks }}) * (
        (cast({{ numerator }} as hugeint) * 2 * abs(cast({{ blocks }} as hugeint)) + cast({{ divisor }} as hugeint))
        // (2 * cast({{ divisor }} as hugeint))
    ))
{%- endmacro %}

{# A whole number of 10^-16 as a decimal: from_scaled(25) = 0.0000000000000025. #}
{% macro from_scaled(scaled) -%}
    {{ return(adapter.dispatch('from_scaled')(scaled)) }}
{%- endmacro %}

{% macro postgres__from_scaled(scaled) -%}
    {{ scaled }} * 0.0000000000000001
{%- endmacro %}

{% macro duckdb__from_scaled(scaled) -%}
    cast(cast({{ scaled }} as decimal(38, 0)) * 0.0000000000000001 as decimal(38, 16))
{%- endmacro %}

{# 10 ^ exponent without floating point, for scales kept in a column: 6 -> 1000000. PostgreSQL, small tables only. #}
{% macro power_of_ten(exponent) -%}
    cast('1e' || ({{ exponent }}) as numeric)
{%- endmacro %}

{# Started blocks of a distance, or the distance itself where a tariff has no blocks. PostgreSQL, small tables only. #}
{% macro blocks_of(distance, block_units) -%}
    (case when {{ block_units }} is null then {{ distance }} else {{ ceil_div(distance, block_units) }} end)
{%- endmacro %}

{# The last whole unit at which the steps of a piece in the select list cost no more than an amount. Small tables only. #}
{% macro reached_units(amount) -%}
    case
        when step_numerator = 0 then 9223372036854775807
        else offset_units
            + trunc({{ int_div(amount ~ ' * 1e16 * step_divisor', 'step_numerator') }}) * coalesce(block_units, 1)
    end
{%- endmacro %}

{# dividend / divisor as a whole number, both positive, rounded by a method that stands in a column. Small tables only. #}
{% macro round_quotient(dividend, divisor, method) -%}
    (div({{ dividend }}, {{ divisor }}) + case {{ method }}
        when 'up' then sign(mod({{ dividend }}, {{ divisor }}))
        when 'down' then 0
        when 'half_even' then case
            when 2 * mod({{ dividend }}, {{ divisor }}) = {{ divisor }} then mod(div({{ dividend }}, {{ divisor }}), 2)
            when 2 * mod({{ dividend }}, {{ divisor }}) > {{ divisor }} then 1
            else 0
        end
        else case when 2 * mod({{ dividend }}, {{ divisor }}) >= {{ divisor }} then 1 else 0 end
    end)
{%- endmacro %}
