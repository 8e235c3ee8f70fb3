{#
    The only arithmetic beyond plus and minus. Models never write a division sign: engines disagree about what it means
    (DuckDB divides decimals into doubles, Spark cuts the scale in silence), so each of these has one meaning on all.
#}

{# left * right without loss. `left_type` and `right_type` are (precision, scale); more than 38 digits stop the compilation. #}
{% macro mul_exact(left, right, left_type=(19, 0), right_type=(18, 10)) -%}
    {%- if left_type[0] + right_type[0] + 1 > 38 -%}
        {{ exceptions.raise_compiler_error(
            "mul_exact: decimal" ~ left_type ~ " times decimal" ~ right_type ~ " needs " ~ (left_type[0] + right_type[0] + 1)
            ~ " digits, 38 are possible. Declare narrower types.") }}
    {%- endif -%}
    {{ return(adapter.dispatch('mul_exact')(left, right, left_type, right_type)) }}
{%- endmacro %}

{% macro default__mul_exact(left, right, left_type, right_type) -%}
    (cast({{ left }} as decimal({{ left_type[0] }}, {{ left_type[1] }})) * cast({{ right }} as decimal({{ right_type[0] }}, {{ right_type[1] }})))
{%- endmacro %}

{# PostgreSQL's numeric never loses a digit in a product, so the costly cast to a scale is left out. #}
{% macro postgres__mul_exact(left, right, left_type, right_type) -%}
    (cast({{ left }} as numeric) * ({{ right }}))
{%- endmacro %}

{# Whole part of dividend / divisor, cut towards zero, divisor > 0: int_div(7, 2) = 3, int_div(-7, 2) = -3. Whole numbers only. #}
{% macro int_div(dividend, divisor) -%}
    {{ return(adapter.dispatch('int_div')(dividend, divisor)) }}
{%- endmacro %}

{% macro postgres__int_div(dividend, divisor) -%}
    div({{ dividend }}, {{ divisor }})
{%- endmacro %}

{# DuckDB's // rounds towards minus infinity, so the sign is put back afterwards. #}
{% macro duckdb__int_div(dividend, divisor) -%}
    (sign({{ dividend }}) * (abs(cast({{ dividend }} as hugeint)) // cast({{ divisor }} as hugeint)))
{%- endmacro %}

{# Smallest whole number not below dividend / divisor, divisor > 0: ceil_div(7, 2) = 4, ceil_div(-7, 2) = -3. #}
{% macro ceil_div(dividend, divisor) -%}
    case
        when ({{ dividend }}) > 0 then {{ int_div('(' ~ dividend ~ ') + (' ~ divisor ~ ') - 1', divisor) }}
        else {{ int_div(dividend, divisor) }}
    end
{%- endmacro %}

{# dividend / divisor rounded half away from zero to `decimals`, divisor > 0: ratio_round(2, 3, 4) = 0.6667. #}
{% macro ratio_round(dividend, divisor, decimals=16) -%}
    {{ return(adapter.dispatch('ratio_round')(dividend, divisor, decimals)) }}
{%- endmacro %}

{# Dividing the doubled dividend and adding one divisor rounds without ever forming an inexact quotient. The sign of a bigint would
   be a double. #}
{% macro postgres__ratio_round(dividend, divisor, decimals) -%}
    cast(
        sign(cast({{ dividend }} as numeric)) * div(abs({{ dividend }}) * 2e{{ decimals }} + ({{ divisor }}), ({{ divisor }}) * 2) * 1e-{{ decimals }}
        as numeric(38, {{ decimals }})
    )
{%- endmacro %}

{# DuckDB: whole numbers only; the dividend times 2 * 10^decimals must stay below 1.7 * 10^38, beyond it DuckDB raises. #}
{% macro duckdb__ratio_round(dividend, divisor, decimals) -%}
    cast(
        cast(
            sign({{ dividend }}) * (
                (abs(cast({{ dividend }} as hugeint)) * cast(2{{ '0' * decimals }} as hugeint) + cast({{ divisor }} as hugeint))
                // (cast({{ divisor }} as hugeint) * 2)
            ) as decimal(38, 0)
        ) {% if decimals > 0 %}* 0.{{ '0' * (decimals - 1) }}1{% endif %}
        as decimal(38, {{ decimals }})
    )
{%- endmacro %}
