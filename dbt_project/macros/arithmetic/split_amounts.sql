{#
    split_amount for a whole relation: all of its columns, then split_... helpers, `split_minor` and `left_over_minor`, the part of
    the total that the method gives to nobody. Its own methods walk over the parts:

    carry_from_last         from the last part to the first, each cut from what is then left over the weights that are then left;
                            the first takes the rest (RubyMoney's way)
    dhondt, sainte_lague, modified_sainte_lague, huntington_hill, adams, dean
                            unit by unit to the part with the highest average (apportionment of seats); weights of 0 get nothing

    relation      name of a CTE or model with one row per part
    partition_by, order_by, total, exact_part, weight, method, negatives, step, zero_weights  as in split_amount
#}
{% macro split_amounts(
    relation, total, partition_by, order_by, exact_part=none, weight=none, method="'largest_remainder'", negatives="'mirrored'",
    step='1', zero_weights="'take_part'"
) -%}
    {%- set known = split_literal(method) -%}
    {%- set size = weight or exact_part -%}
    {#- Until a walk has given its parts, nothing is given out. -#}
    {%- set closed_method = method if known in split_methods() else "'separate'" if known else 'split_closed_method' -%}
    {%- set has_carry = known in (none, 'carry_from_last') -%}
    {%- set has_averages = weight and (known is none or known in split_averages()) -%}
    (

    with recursive

    split_parts as (

        select
            *,
            cast({{ method }} as text) as split_method,
            case
                when {{ method }} in ('carry_from_last', '{{ split_averages() | join("', '") }}') then 'separate' else {{ method }}
            end as split_closed_method,
            cast(dense_rank() over (order by {{ partition_by }}) as bigint) as split_group,
            row_number() over (partition by {{ partition_by }} order by {{ order_by }}) as split_position,
            count(*) over (partition by {{ partition_by }}) as split_count,
            sum({{ size }}) over (partition by {{ partition_by }}) as split_weight_total,
            sum({{ size }}) over (partition by {{ partition_by }} order by {{ order_by }} rows unbounded preceding) as split_weight_so_far
        from {{ relation }}

    ),

    {% if has_carry -%}
    split_carried as (

        {{ split_carried_row('split_parts', "abs(" ~ total ~ ")", size, total, step, 'split_parts.split_position = split_parts.split_count') }}

        union all

        {{ split_carried_row('split_carried', 'split_carried.left_minor', size, total, step) }}

    ),

    {% endif -%}
    {% if has_averages -%}
    split_averaged as (

        {{ split_by_averages(total, size) }}

    ),

    {% endif -%}
    split_closed as (

        select
            *,
            {{ split_amount(
                exact_part, total, 'split_group', 'split_position', closed_method, weight, 'split_weight_total', negatives, step, zero_weights
            ) }} as split_closed_minor
        from split_parts

    ),

    split_all as (

        select
            split_closed.*,
            {% if has_carry or has_averages -%}
            coalesce(
                {{ 'split_carried.split_minor,' if has_carry }}
                {{ 'split_averaged.split_minor,' if has_averages }}
                split_closed.split_closed_minor
            )
            {%- else -%} split_closed.split_closed_minor
            {%- endif %} as split_minor
        from split_closed
        {% if has_carry -%}
        left join split_carried
            on split_closed.split_group = split_carried.split_group and split_closed.split_position = split_carried.split_position
        {% endif -%}
        {% if has_averages -%}
        left join split_averaged
            on split_closed.split_group = split_averaged.split_group and split_closed.split_position = split_averaged.split_position
        {% endif %}
    )

    select
        *,
        {{ total }} - cast(sum(split_minor) over (partition by split_group) as bigint) as left_over_minor
    from split_all

    )
{%- endmacro %}

{# One part of the walk from the last to the first: what it takes of what is left, in whole steps. #}
{% macro split_carried_row(from, left_minor, size, total, step, condition=none) -%}
    {%- set is_first = from == 'split_parts' -%}
    select
        walked.split_group,
        walked.split_position,
        cast(walked.direction * walked.taken_minor as bigint) as split_minor,
        walked.left_before_minor - walked.taken_minor as left_minor
    from (
        select
            split_parts.split_group,
            split_parts.split_position,
            case when {{ total }} < 0 then -1 else 1 end as direction,
            cast({{ left_minor }} as numeric) as left_before_minor,
            case
                when split_parts.split_weight_total = 0 then 0
                when split_parts.split_position = 1 then {{ left_minor }}
                when split_parts.split_weight_so_far = 0 then 0
                else div({{ left_minor }} * {{ size }}, split_parts.split_weight_so_far * {{ step }}) * {{ step }}
            end as taken_minor
        from split_parts
        {% if not is_first -%}
        inner join split_carried
            on split_parts.split_group = split_carried.split_group
            and split_parts.split_position = split_carried.split_position - 1
        {% endif -%}
        where split_parts.split_method = 'carry_from_last' {{ 'and ' ~ condition if condition }}
    ) as walked
{%- endmacro %}

{# The divisor of a part that holds `seats` units already, and whether a part without units comes before all others. #}
{% macro split_averages() -%}
    {{ return({
        'dhondt': ('seats + 1', '1'),
        'sainte_lague': ('2 * seats + 1', '1'),
        'modified_sainte_lague': ('case when seats = 0 then 1.4 else 2 * seats + 1 end', '1'),
        'adams': ('seats', '1'),
        'dean': ('2 * seats * (seats + 1)', '2 * seats + 1'),
        'huntington_hill': ('seats * (seats + 1)', 'weight'),
    }) }}
{%- endmacro %}

{#
    Highest averages. A part never ends further from its exact share than there are parts, so only the units around it compete and
    the work does not grow with the amount. Averages are compared after 30 decimals; two that differ do so long before.
#}
{% macro split_by_averages(total, weight) -%}
    select
        split_group,
        split_position,
        cast(max(direction) * (min(seats) + count(*) filter (where turn <= units_left)) as bigint) as split_minor
    from (
        select
            *,
            row_number() over (
                partition by split_group order by average is not null, case when average is null then weight end desc, average desc, split_position
            ) as turn,
            size - sum(seats) filter (where is_start) over (partition by split_group) as units_left
        from (
            select
                candidates.*,
                case split_method
                    {% for name, (divisor, factor) in split_averages().items() -%}
                    when '{{ name }}' then div(weight * ({{ factor }}) * 1e30, nullif({{ divisor }}, 0))
                    {% endfor -%}
                end as average
            from (
                select
                    split_parts.split_group,
                    split_parts.split_position,
                    split_parts.split_method,
                    cast({{ weight }} as numeric) as weight,
                    case when {{ total }} < 0 then -1 else 1 end as direction,
                    abs(cast({{ total }} as numeric)) as size,
                    units.seats,
                    units.seats = units.first_seats as is_start
                from split_parts
                cross join lateral (
                    select
                        seats,
                        greatest(div(abs({{ total }}) * {{ weight }}, split_parts.split_weight_total) - split_parts.split_count, 0) as first_seats
                    from generate_series(
                        greatest(div(abs({{ total }}) * {{ weight }}, split_parts.split_weight_total) - split_parts.split_count, 0),
                        div(abs({{ total }}) * {{ weight }}, split_parts.split_weight_total) + split_parts.split_count + 1
                    ) as seats
                ) as units
                where split_parts.split_method in ('{{ split_averages() | join("', '") }}') and {{ weight }} > 0
            ) as candidates
        ) as with_averages
    ) as in_turn
    group by split_group, split_position
{%- endmacro %}

{# Positions of one hop by the settings of their agreement: parts of `base_minor` within `base_key`. #}
{% macro split_positions(relation, order_by) -%}
    {{ split_amounts(
        relation, 'base_minor', 'base_key', order_by, exact_part='amount_exact', method='method', negatives='negatives',
        step='step'
    ) }}
{%- endmacro %}
