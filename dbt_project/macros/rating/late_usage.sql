{# Whether usage moves a counter apart from that of the period: late usage does, unless its counter is still open (span -1). #}
{% macro counts_apart(is_late, span_number) -%}
    ({{ is_late }} and coalesce({{ span_number }}, 0) <> -1)
{%- endmacro %}

{# Late usage that moved a counter which was open when the period started, to be added to lines; these do not say when it was. Nothing
   in a run without such counters. #}
{% macro late_usage_of_open_counters(products, windows, rules) -%}
{%- if has_rows('int_counter_spans', 'span_number = -1') -%}
union all

        select
            rated_usage.product_number,
            rated_usage.price_version_id,
            false,
            cast(sum(rated_usage.quantity_units - rated_usage.allowance_units) as numeric(38, 0))
        from {{ ref('fct_rated_usage') }} as rated_usage
        inner join {{ rules }} on rated_usage.price_version_id = {{ rules }}.price_version_id and {{ rules }}.takes_late_usage
        inner join {{ products }} on rated_usage.product_number = {{ products }}.product_number
        inner join {{ windows }} on {{ products }}.account_id = {{ windows }}.account_id
        inner join {{ ref('int_counter_spans') }} as spans
            on
                {{ rules }}.counter = spans.counter
                and {{ windows }}.time_zone_number = spans.time_zone_number
                and {{ utc_date('rated_usage.event_at') }} = spans.utc_date
                and rated_usage.event_at >= spans.effective_from
                and rated_usage.event_at < spans.effective_until
                and spans.span_number = -1
        where rated_usage.is_late
        group by rated_usage.product_number, rated_usage.price_version_id
{%- endif -%}
{%- endmacro %}

{# Tariffs whose price of a quantity depends on where its counter stands: all but one price for every unit, however many there are. #}
{% macro tariffs_by_position() -%}
select tariff_number
    from {{ ref('int_tariff_segments') }}
    group by tariff_number
    having
        bool_or(base_exact <> 0 or offset_units <> 0 or block_units is not null)
        -- What is below zero costs something else than what is above it.
        or min(step_numerator) filter (where from_units < -1 or until_units > 0)
        <> max(step_numerator) filter (where from_units < -1 or until_units > 0)
{%- endmacro %}

{# Which counter of a price a balance of kind `ended` is of. Versions of a price, and prices of the customer's own, count apart within a
   period; from one period to the next a longer counter goes on whatever the version. #}
{% macro counter_version(counter, price_from, override_from) -%}
    case
        when {{ counter }} = 'period'
            then {{ instant_for_people(price_from) }} || coalesce(' own ' || {{ instant_for_people(override_from) }}, '')
        else ''
    end
{%- endmacro %}

{# Counters that are over as events of before all others, with the columns of int_usage_measured that rating carries along. They are in
   both shares: without any event after it, such a row does nothing. Counters with positions of their own need none. #}
{% macro rows_before_late_usage() -%}
select
            {{ beginning_of_time() }} as event_at,
            cast(null as uuid) as event_key,
            product_number,
            tariff_number,
            span_number,
            opening_units,
            price_version_id,
            price_override_id,
            true as is_late,
            cast(0 as bigint) as quantity_units,
            cast(null as integer) as file_id,
            cast(null as integer) as line_number,
            cast(null as integer) as terms_id,
            cast(null as integer) as event_rule_id,
            cast(null as bigint) as before_units,
            cast(null as numeric(38, 16)) as flat_exact,
            cast(null as bigint) as factor_numerator,
            cast(null as bigint) as factor_divisor
        from {{ ref('int_late_counters') }}
        where opening_units <> 0 and not is_positioned
{%- endmacro %}

{# CTE `lines_by_counter` from the lines of int_lines_on_counters, which see: a late line has a row for each counter that is over and that it
   moved, with what of it did, and one for the rest, which is on a counter that is still open. #}
{% macro lines_by_counter(has_counters_over) -%}
{%- if has_counters_over -%}
parts_on_counters_over as (

    select
        lines.line_key,
        late_usage.span_number,
        late_usage.billed_units,
        late_usage.first_event_at,
        late_usage.opening_units
    from lines
    inner join {{ ref('int_late_usage') }} as late_usage
        on
            lines.product_number = late_usage.product_number
            and lines.price_version_id = late_usage.price_version_id
            and lines.price_override_id is not distinct from late_usage.price_override_id
            and lines.terms_id is not distinct from late_usage.terms_id
    where lines.is_late and lines.is_on_counter

),

line_parts as (

    select
        lines.line_key,
        case when parts.line_key is not null then false else lines.counts_apart end as is_apart,
        0 as span_number,
        lines.billed_units - coalesce(parts.billed_units, 0) as part_units,
        lines.first_event_at as part_at,
        cast(null as bigint) as part_opening_units
    from lines
    left join (
        select line_key, sum(billed_units) as billed_units
        from parts_on_counters_over
        group by line_key
    ) as parts on lines.line_key = parts.line_key
    where parts.line_key is null or lines.billed_units <> parts.billed_units

    union all

    select line_key, true, span_number, billed_units, first_event_at, opening_units
    from parts_on_counters_over

),

lines_by_counter as (

    select
        lines.*,
        line_parts.is_apart,
        line_parts.span_number,
        line_parts.part_units,
        line_parts.part_at,
        line_parts.part_opening_units,
        row_number() over (partition by line_parts.line_key order by line_parts.span_number) as part_number
    from line_parts
    inner join lines on line_parts.line_key = lines.line_key

),
{%- else -%}
-- depends_on: {{ ref('int_late_usage') }}
lines_by_counter as (

    select
        *,
        counts_apart as is_apart,
        0 as span_number,
        billed_units as part_units,
        first_event_at as part_at,
        cast(null as bigint) as part_opening_units,
        1 as part_number
    from lines

),
{%- endif -%}
{%- endmacro %}
