{#
    The only splitting of an amount: whole parts that add up to `total` within each group.

    Each part is cut to whole steps; the steps left over go one each to the parts that the method ranks first. A window
    expression over rows that are already one per part. It has the methods that need no walk over the parts; split_amounts
    has all of them, and gives what is left over.

    exact_part    exact share in minor units, numeric: 333.3333333333333333; not read when `weight` is given
    total         whole amount of the group in minor units, the same on each of its rows: 1000
    partition_by  columns of the group
    order_by      the order of the parts, plain columns, total within the group: 'step_number, receiver_party_id'
    method        SQL, a literal or a column that is the same within a group; see split_methods
    weight        splits the total in proportion to this instead, `weight_total` is their sum: whole numbers, no quotient is formed
    negatives     SQL: 'mirrored' splits a negative total as its positive and negates, so a credit note mirrors its bill (cuts
                  towards zero); 'floor' cuts towards minus infinity
    step          SQL: the smallest amount that is paid, in minor units: 5 for cash in Swiss francs. What is less than a step
                  goes to the part ranked first
    zero_weights  SQL: 'take_part' lets parts of 0 take a unit that is left over, 'nothing' leaves them out
#}
{% macro split_amount(
    exact_part, total, partition_by, order_by, method="'largest_remainder'", weight=none, weight_total=none,
    negatives="'mirrored'", step='1', zero_weights="'take_part'"
) -%}
    {%- set over_group = 'over (partition by ' ~ partition_by ~ ')' -%}
    {%- set sign = split_sign(total, negatives) -%}
    {%- set size = weight or exact_part -%}
    {%- if weight -%}
        {%- set dividend = '(' ~ sign ~ ' * (' ~ total ~ ') * (' ~ weight ~ '))' -%}
        {#- All weights 0: every part is 0 and everything is left over. -#}
        {%- set divisor = '(coalesce(nullif(' ~ weight_total ~ ', 0), 1)' ~ ('' if step == '1' else ' * ' ~ step) ~ ')' -%}
    {%- else -%}
        {%- set dividend = '(' ~ sign ~ ' * (' ~ exact_part ~ '))' -%}
        {%- set divisor = step -%}
    {%- endif -%}
    {%- set cut = split_cut(dividend, divisor, method, size, weight_total, step, sign ~ ' * (' ~ total ~ ')') -%}
    {%- set remainder = '(' ~ dividend ~ ' - ' ~ cut ~ ' * ' ~ divisor ~ ')' -%}
    {%- set left_over = '(' ~ sign ~ ' * (' ~ total ~ ') - sum(' ~ cut ~ ') ' ~ over_group ~ ('' if step == '1' else ' * ' ~ step) ~ ')' -%}
    {%- set steps_left = left_over if step == '1' else 'div(' ~ left_over ~ ', ' ~ step ~ ')' -%}
    {%- set is_left_out = split_is_left_out(size, zero_weights) -%}
    {%- set part_count -%}
        {%- if is_left_out == 'false' -%} count(*) {{ over_group }}
        {%- else -%} (case when {{ is_left_out }} then null else greatest(count(*) filter (where not {{ is_left_out }}) {{ over_group }}, 1) end)
        {%- endif -%}
    {%- endset -%}
    {%- set rank -%}
        (row_number() over (partition by {{ partition_by }} order by {{ split_order(method, order_by, size, remainder, is_left_out) }}))
    {%- endset -%}
    {#- Parts that add up to the total leave less than one unit per part; the whole part below only serves a total far from it. -#}
    {%- set share_of_left_over -%}
        coalesce(
            div({{ steps_left }}, {{ part_count }})
            + case
                when mod({{ steps_left }}, {{ part_count }}) > 0 and {{ rank }} <= mod({{ steps_left }}, {{ part_count }}) then 1
                when mod({{ steps_left }}, {{ part_count }}) < 0 and {{ rank }} > {{ part_count }} + mod({{ steps_left }}, {{ part_count }}) then -1
                else 0
            end,
            0
        )
    {%- endset -%}
    {%- set known_method = split_literal(method) -%}
    {%- set all_to_first = '(case when ' ~ rank ~ ' = 1 then ' ~ steps_left ~ ' else 0 end)' -%}
    {%- if known_method == 'first_part' -%}
        {%- set share_of_left_over = all_to_first -%}
    {%- elif not known_method -%}
        {%- set share_of_left_over = 'case when ' ~ method ~ " = 'first_part' then " ~ all_to_first ~ ' else ' ~ share_of_left_over ~ ' end' -%}
    {%- endif -%}
    cast(
        {{ sign }} * (
            {%- if step == '1' %}
            {{ cut }} + {{ split_if_given_out(method, share_of_left_over) }}
            {%- else %}
            ({{ cut }} + {{ split_if_given_out(method, share_of_left_over) }}) * {{ step }}
            + {{ split_if_given_out(method, 'case when ' ~ rank ~ ' = 1 then mod(' ~ left_over ~ ', ' ~ step ~ ') else 0 end') }}
            {%- endif %}
        ) as bigint
    )
{%- endmacro %}

{# Which methods there are: those of split_amount, and those that walk over the parts, which only split_amounts has. #}
{% macro split_methods() -%}
    {{ return({
        'largest_remainder': 'the parts that were cut the most, ties first; the default',
        'largest_remainder_ties_last': 'the parts that were cut the most, ties last',
        'first_parts': 'the first parts',
        'first_part': 'the first part, all of it',
        'last_parts': 'the last parts',
        'largest_weights': 'the largest parts, ties first',
        'separate': 'nobody: what is left over is returned',
        'whole_blocks': 'nobody, and only whole blocks of the sum of the weights are split; weights are lowest whole numbers',
    }) }}
{%- endmacro %}

{# The word of a method, setting or number that is known when the SQL is written; none for a column. #}
{% macro split_literal(expression) -%}
    {%- if expression.startswith("'") -%}{{ return(expression.strip("'")) }}{%- endif -%}
    {{ return(none) }}
{%- endmacro %}

{# -1 for a negative total that is split as its positive. #}
{% macro split_sign(total, negatives) -%}
    {%- set known = split_literal(negatives) -%}
    {%- if known == 'mirrored' -%}{{ return('(case when ' ~ total ~ ' < 0 then -1 else 1 end)') }}{%- endif -%}
    {%- if known == 'floor' -%}{{ return('1') }}{%- endif -%}
    {{ return('(case when ' ~ negatives ~ " = 'mirrored' and " ~ total ~ ' < 0 then -1 else 1 end)') }}
{%- endmacro %}

{# Whole steps of a part, cut towards minus infinity: the signs are gone where a total is mirrored. #}
{% macro split_cut(dividend, divisor, method, size, weight_total, step, total) -%}
    {%- if divisor == '1' -%}
        {%- set cut = 'floor(' ~ dividend ~ ')' -%}
    {%- else -%}
        {%- set cut = '(div(' ~ dividend ~ ', ' ~ divisor ~ ') - case when ' ~ dividend ~ ' < 0 and mod(' ~ dividend ~ ', ' ~ divisor ~ ') <> 0 then 1 else 0 end)' -%}
    {%- endif -%}
    {%- set known = split_literal(method) -%}
    {%- if weight_total is none or (known and known != 'whole_blocks') -%}{{ return(cut) }}{%- endif -%}
    {%- set blocks = '(' ~ size ~ ' * div(' ~ total ~ ', ' ~ divisor ~ '))' -%}
    {%- if known -%}{{ return(blocks) }}{%- endif -%}
    {{ return('(case when ' ~ method ~ " = 'whole_blocks' then " ~ blocks ~ ' else ' ~ cut ~ ' end)') }}
{%- endmacro %}

{% macro split_is_left_out(size, zero_weights) -%}
    {%- set known = split_literal(zero_weights) -%}
    {%- if known == 'take_part' -%}{{ return('false') }}{%- endif -%}
    {%- if known == 'nothing' -%}{{ return('(' ~ size ~ ' = 0)') }}{%- endif -%}
    {{ return('(' ~ zero_weights ~ " = 'nothing' and " ~ size ~ ' = 0)') }}
{%- endmacro %}

{# Which part comes first when units are left over. #}
{% macro split_order(method, order_by, size, remainder, is_left_out) -%}
    {%- set known = split_literal(method) -%}
    {%- if known and known not in split_methods() -%}
        {{ exceptions.raise_compiler_error("split_amount: method " ~ known ~ " is unknown, expected one of " ~ split_methods() | join(', ')) }}
    {%- endif -%}
    {%- set keys = [] if is_left_out == 'false' else [is_left_out] -%}
    {%- set columns = order_by.split(',') | map('trim') | list -%}
    {%- if known -%}
        {%- if known in ('largest_remainder', 'largest_remainder_ties_last') -%}{%- do keys.append(remainder ~ ' desc') -%}{%- endif -%}
        {%- if known == 'largest_weights' -%}{%- do keys.append('abs(' ~ size ~ ') desc') -%}{%- endif -%}
        {%- for column in columns -%}
            {%- do keys.append(column ~ (' desc' if known in ('last_parts', 'largest_remainder_ties_last') else '')) -%}
        {%- endfor -%}
    {%- else -%}
        {%- do keys.append('case when ' ~ method ~ " in ('largest_remainder', 'largest_remainder_ties_last') then " ~ remainder ~ ' end desc') -%}
        {%- do keys.append('case when ' ~ method ~ " = 'largest_weights' then abs(" ~ size ~ ') end desc') -%}
        {%- set is_reversed = method ~ " in ('last_parts', 'largest_remainder_ties_last')" -%}
        {%- for column in columns -%}
            {%- do keys.append('case when ' ~ is_reversed ~ ' then ' ~ column ~ ' end desc') -%}
            {%- do keys.append(column) -%}
        {%- endfor -%}
    {%- endif -%}
    {{ return(keys | join(', ')) }}
{%- endmacro %}

{# What a part takes of what is left over, unless the method gives it to nobody. #}
{% macro split_if_given_out(method, share) -%}
    {%- set known = split_literal(method) -%}
    {%- if known in ('separate', 'whole_blocks') -%}{{ return('0') }}{%- endif -%}
    {%- if known -%}{{ return(share) }}{%- endif -%}
    {{ return('case when ' ~ method ~ " in ('separate', 'whole_blocks') then 0 else " ~ share ~ ' end') }}
{%- endmacro %}
