{# The only rounding of an amount: half away from zero, in the currency's minor digits (JPY 0, PLN 2, KWD 3).
   round_to_minor('0.125', '2') = 13. The result is a bigint of minor units. #}
{% macro round_to_minor(amount_exact, minor_digits) -%}
    cast(round(({{ amount_exact }}) * {{ minor_units_per_major(minor_digits) }}) as bigint)
{%- endmacro %}

{# 10 ^ minor_digits without floating point: 2 -> 100. #}
{% macro minor_units_per_major(minor_digits) -%}
    case {{ minor_digits }} when 0 then 1 when 1 then 10 when 2 then 100 when 3 then 1000 when 4 then 10000 end
{%- endmacro %}

{# Whole minor units back in major units, exact: minor_to_major('1234', '2') = 12.34. #}
{% macro minor_to_major(amount_minor, minor_digits) -%}
    ({{ amount_minor }} * case {{ minor_digits }} when 0 then 1 when 1 then 0.1 when 2 then 0.01 when 3 then 0.001 when 4 then 0.0001 end)
{%- endmacro %}
