{# The only rounding of an amount: half away from zero, in the currency's minor digits (JPY 0, PLN 2, KWD 3).
   round_to_minor('0.125', '2') = 13. The result is a bigint of minor units. #}
{% macro round_to_minor(amount_exact, minor_digits) -%}
    cast(round(({{ amount_exact }}) * {{ minor_units_per_major(minor_digits) }}) as bigint)
{%- endmacro %}

{# 10 ^ minor_digits without floating point: 2 -> 100. #}
{% macro minor_units_per_major(minor_digits) -%}
    case {{ minor_digits }} when 0 then 1 when 1 then 10 when 2 then 100 when 3 then 1000 when 4 then 10000 end
{%- endmacro %}

{#
    The only splitting of an amount: whole parts that add up to `total` within each group.

    Each part is cut to a whole number; the units left over go one each to the parts that were cut the most, ties in the
    order of `order_by`, which must be total within the group. A negative total is split as its positive and negated,
    so a credit note mirrors its bill. A window expression: use it in a select list, over rows that are already one per part.

    exact_part    exact share in minor units, numeric: 333.3333333333333333
    total         whole amount of the group in minor units, the same on each of its rows: 1000
    partition_by  columns of the group
    order_by      fixed tie-break, for example 'step_number, receiver_party_id'
    method        largest_remainder, the only method so far
#}
{% macro split_amount(exact_part, total, partition_by, order_by, method='largest_remainder') -%}
    {%- if method != 'largest_remainder' -%}
        {{ exceptions.raise_compiler_error("split_amount: method " ~ method ~ " is unknown, expected largest_remainder.") }}
    {%- endif -%}
    {%- set over_group = 'over (partition by ' ~ partition_by ~ ')' -%}
    {%- set sign = '(case when ' ~ total ~ ' < 0 then -1 else 1 end)' -%}
    {%- set part = '(' ~ sign ~ ' * (' ~ exact_part ~ '))' -%}
    {%- set cut = 'floor(' ~ part ~ ')' -%}
    {%- set left_over = '(' ~ sign ~ ' * (' ~ total ~ ') - sum(' ~ cut ~ ') ' ~ over_group ~ ')' -%}
    {%- set part_count = 'count(*) ' ~ over_group -%}
    {%- set rank = '(row_number() over (partition by ' ~ partition_by ~ ' order by ' ~ part ~ ' - ' ~ cut ~ ' desc, ' ~ order_by ~ '))' -%}
    {#- Parts that add up to the total leave less than one unit per part; the whole part below only serves a total far from it. -#}
    cast(
        {{ sign }} * (
            {{ cut }}
            + div({{ left_over }}, {{ part_count }})
            + case
                when mod({{ left_over }}, {{ part_count }}) > 0 and {{ rank }} <= mod({{ left_over }}, {{ part_count }}) then 1
                when mod({{ left_over }}, {{ part_count }}) < 0 and {{ rank }} > {{ part_count }} + mod({{ left_over }}, {{ part_count }}) then -1
                else 0
            end
        ) as bigint
    )
{%- endmacro %}

{# Whole minor units back in major units, exact: minor_to_major('1234', '2') = 12.34. #}
{% macro minor_to_major(amount_minor, minor_digits) -%}
    ({{ amount_minor }} * case {{ minor_digits }} when 0 then 1 when 1 then 0.1 when 2 then 0.01 when 3 then 0.001 when 4 then 0.0001 end)
{%- endmacro %}
