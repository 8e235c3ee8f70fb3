{#
    Priced usage with what each event counts as: its quantity in whole increments, or what it changes where the price looks at other
    events too. One row per event; from here on nothing looks at what the event itself says.

    No common table expressions here, and what was left out is asked where events are read: PostgreSQL makes a step of a view with the
    first, and of a condition of its own, and each step copies every row.
#}
{%- set has_splits = has_rows('int_split_events') %}
{%- set has_positions = has_rows('int_usage_positions') %}
{%- set has_openings = has_rows('int_counter_openings') %}
{%- set has_late_counters = has_rows('int_late_counters') %}

select
    usage_with_price.event_key,
    usage_with_price.event_at,
    usage_with_price.pool_number,
    usage_with_price.product_number,
    coalesce({{ if_joined(has_splits, 'split_events.tariff_number', 'integer') }}, usage_with_price.tariff_number) as tariff_number,
    {{ 'coalesce(late_counters.span_number, usage_with_price.span_number)' if has_late_counters else 'usage_with_price.span_number' }} as span_number,
    usage_with_price.is_late,
    usage_with_price.in_share_number as share_number,
    usage_with_price.file_id,
    usage_with_price.line_number,
    usage_with_price.price_version_id,
    {{ 'split_events.tariff_number is not null' if has_splits else 'false' }} as is_split,
    usage_with_price.counts_events_alone,
    case
        {%- if has_positions %}
        when positions.event_key is not null then positions.quantity_units
        {%- endif %}
        when usage_with_price.round_first_units is null then usage_with_price.quantity_units
        else {{ round_up_quantity(
            'usage_with_price.quantity_units', 'usage_with_price.round_first_units', 'usage_with_price.round_next_units'
        ) }}
    end as quantity_units,
    cast({{ 'coalesce(positions.free_units, 0)' if has_positions else '0' }} as bigint) as free_units,
    cast({{ 'coalesce(openings.opening_units, 0)' if has_openings else '0' }} as bigint) as opening_units,
    usage_with_price.bucket_1_number,
    usage_with_price.bucket_1_limit_units,
    usage_with_price.bucket_2_number,
    usage_with_price.bucket_2_limit_units,
    usage_with_price.bucket_3_number,
    usage_with_price.bucket_3_limit_units,
    usage_with_price.price_override_id,
    usage_with_price.terms_id,
    usage_with_price.event_rule_id,
    {{ if_joined(has_positions, 'positions.before_units', 'bigint') }} as before_units,
    {{ if_joined(has_positions, 'positions.after_units', 'bigint') }} as after_units,
    {{ if_joined(has_positions, 'positions.flat_exact', 'numeric(38, 16)') }} as flat_exact,
    {{ if_joined(has_positions, 'positions.factor_numerator', 'bigint') }} as factor_numerator,
    {{ if_joined(has_positions, 'positions.factor_divisor', 'bigint') }} as factor_divisor
from {{ ref('int_usage_guided') }} as usage_with_price
{%- if has_splits %}
left join {{ ref('int_split_events') }} as split_events
    on case when usage_with_price.is_divisible then usage_with_price.event_key end = split_events.event_key
{%- endif %}
{%- if has_positions %}
left join {{ ref('int_usage_positions') }} as positions
    on case when usage_with_price.counter_rule_id is not null then usage_with_price.event_key end = positions.event_key
{%- endif %}
{%- if has_openings %}
left join {{ ref('int_counter_openings') }} as openings
    on
        case
            when
                usage_with_price.is_opened
                and not {{ counts_apart('usage_with_price.is_late', 'usage_with_price.span_number') }}
                then usage_with_price.product_number
        end = openings.product_number
        and usage_with_price.tariff_number = openings.tariff_number
{%- endif %}
{%- if has_late_counters %}
-- Usage that is not late has no key here.
left join {{ ref('int_late_counters') }} as late_counters
    on
        case when usage_with_price.is_late then usage_with_price.product_number end = late_counters.product_number
        and usage_with_price.tariff_number = late_counters.tariff_number
        and usage_with_price.event_at >= late_counters.effective_from
        and usage_with_price.event_at < late_counters.effective_until
{%- endif %}
where
    usage_with_price.quantity_units is not null
    and case
        when
            usage_with_price.quantity_units is not null
            and (select {{ nothing_left_out([
                (has_splits, 'int_split_events'), (has_positions, 'int_usage_positions'), (has_openings, 'int_counter_openings'),
                (has_late_counters, 'int_late_counters')
            ]) }})
            then true
        else false
    end
