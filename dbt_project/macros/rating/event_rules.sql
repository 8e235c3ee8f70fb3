{#
    What happens to one event besides its tariff. Every macro here stands in a branch that only events of prices with such rules
    reach, so they may cost what they cost.
#}

{# A quantity rounded up to whole increments, 60/1: one of `first`, then whole ones of `next`. A credit mirrors what it takes back. #}
{% macro round_up_quantity(quantity_units, first_units, next_units) -%}
    cast(case when {{ quantity_units }} < 0 then -1 else 1 end * case
        when {{ quantity_units }} = 0 then 0
        when abs({{ quantity_units }}) <= {{ first_units }} then {{ first_units }}
        else {{ first_units }}
            + {{ short_div('(abs(' ~ quantity_units ~ ') - ' ~ first_units ~ ' + ' ~ next_units ~ ' - 1)', next_units) }} * {{ next_units }}
    end as bigint)
{%- endmacro %}

{# The amount of an event with its fixed amount, within its limits; a limit that is null is none, as greatest and least pass over nulls.
   A credit mirrors what it takes back. #}
{% macro limited_event_amount(amount, billed_units, rules) -%}
    {%- set sign = '(case when ' ~ billed_units ~ ' < 0 then -1 else 1 end)' -%}
    ({{ sign }} * least(
        greatest({{ sign }} * ({{ amount }}) + {{ rules }}.event_amount, {{ rules }}.minimum_amount), {{ rules }}.maximum_amount
    ))
{%- endmacro %}

{# An amount rounded to some decimals by a method that stands in a column; methods look at the distance from zero. `step` is the last decimal
   that is kept, in units of 10^-16. #}
{% macro round_by_method(amount, method, decimals, step) -%}
    {{ return(adapter.dispatch('round_by_method')(amount, method, decimals, step)) }}
{%- endmacro %}

{# PostgreSQL rounds decimals itself. Most methods name the amount once, so it need not be worked out in a step of its own for all that are
   not rounded. #}
{% macro postgres__round_by_method(amount, method, decimals, step) -%}
    {%- set cut, rounded = 'trunc(' ~ amount ~ ', ' ~ decimals ~ ')', 'round(' ~ amount ~ ', ' ~ decimals ~ ')' -%}
    (case
        when {{ method }} = 'half_up' then {{ rounded }}
        when {{ method }} = 'down' then {{ cut }}
        when {{ method }} = 'up' then {{ cut }} + sign({{ amount }} - {{ cut }}) * {{ from_scaled(step) }}
        when abs({{ amount }} - {{ cut }}) * 2 = {{ from_scaled(step) }} and mod({{ cut }}, 2 * {{ from_scaled(step) }}) = 0 then {{ cut }}
        else {{ rounded }}
    end)
{%- endmacro %}

{% macro duckdb__round_by_method(amount, method, decimals, step) -%}
    {%- set scaled = to_scaled('abs(' ~ amount ~ ')') -%}
    {%- set whole = int_div(scaled, step) -%}
    {%- set rest = '(' ~ scaled ~ ' - ' ~ whole ~ ' * ' ~ step ~ ')' -%}
    (sign({{ amount }}) * {{ from_scaled('(' ~ whole ~ ' + case
        when ' ~ method ~ " = 'up' then case when " ~ rest ~ ' > 0 then 1 else 0 end
        when ' ~ method ~ " = 'down' then 0
        when 2 * " ~ rest ~ ' > ' ~ step ~ ' then 1
        when 2 * ' ~ rest ~ ' < ' ~ step ~ ' then 0
        when ' ~ method ~ " = 'half_up' then 1
        else mod(" ~ whole ~ ', 2)
    end) * ' ~ step) }})
{%- endmacro %}

{# An amount that is not negative as a whole number of 10^-16: to_scaled(0.0000000000000025) = 25. #}
{% macro to_scaled(amount) -%}
    {{ return(adapter.dispatch('to_scaled')(amount)) }}
{%- endmacro %}

{% macro postgres__to_scaled(amount) -%}
    trunc({{ amount }} * 1e16)
{%- endmacro %}

{# DuckDB: whole part and decimals apart, because their product with 10^16 would need more than 38 digits. #}
{% macro duckdb__to_scaled(amount) -%}
    (cast(trunc({{ amount }}) as hugeint) * 10000000000000000
        + cast((cast({{ amount }} as decimal(38, 16)) - trunc({{ amount }})) * 10000000000000000 as hugeint))
{%- endmacro %}

{# A part of an amount, numerator / divisor, rounded half away from zero at the 16th decimal. #}
{% macro prorated_amount(amount, numerator, divisor) -%}
    (sign({{ amount }}) * {{ from_scaled(tariff_step(numerator, to_scaled('abs(' ~ amount ~ ')'), divisor)) }})
{%- endmacro %}
