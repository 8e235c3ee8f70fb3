{#
    Usage of agreements with everything that rates it: the columns of int_usage_guided_products. One row per event and tariff. Partners
    have no allowances and no personal prices.
#}
{%- set has_clock = has_rows('int_clock_spans') %}

with

open_rows as (

    select * from {{ ref('int_usage_of_agreements') }}

),

rating_rules as (

    select * from {{ ref('int_rating_rules') }}

),

clock_spans as (

    select * from {{ ref('int_clock_spans') }}

)

select
    open_rows.share_number,
    {{ may_be_divided('rating_rules.is_divisible', if_joined(has_clock, 'clock_spans.time_band_until', 'timestamptz')) }} as is_divisible,
    open_rows.event_at < open_rows.period_start as is_late,
    open_rows.usage_specification_id,
    {{ measured_units() }} as quantity_units,
    rating_rules.counter_rule_id,
    cast(null as integer) as bucket_1_number,
    cast(null as bigint) as bucket_1_limit_units,
    cast(null as integer) as bucket_2_number,
    cast(null as bigint) as bucket_2_limit_units,
    cast(null as integer) as bucket_3_number,
    cast(null as bigint) as bucket_3_limit_units,
    open_rows.row_key as event_key,
    open_rows.file_id,
    open_rows.line_number,
    open_rows.identifier_id,
    open_rows.characteristic_set_id,
    open_rows.event_at,
    open_rows.product_number,
    rating_rules.price_version_id,
    cast(null as integer) as price_override_id,
    coalesce({{ if_joined(has_clock, 'clock_spans.tariff_number', 'integer') }}, rating_rules.tariff_number) as tariff_number,
    rating_rules.calendar_number,
    open_rows.time_zone_number,
    {{ if_joined(has_clock, 'clock_spans.time_band_until', 'timestamptz') }} as time_band_until,
    rating_rules.terms_id,
    rating_rules.counts_events_alone,
    coalesce({{ if_joined(has_clock, 'clock_spans.span_number', 'integer') }}, 0) as span_number,
    rating_rules.is_opened,
    case rating_rules.prorated_slot
        when 1 then open_rows.quantity_units
        when 2 then open_rows.quantity_2_units
        when 3 then open_rows.quantity_3_units
    end as prorated_units,
    rating_rules.event_rule_id,
    rating_rules.round_first_units,
    rating_rules.round_next_units,
    open_rows.product_number as pool_number
from open_rows
left join rating_rules
    on
        open_rows.class_number = rating_rules.class_number
        and open_rows.characteristic_group_number = rating_rules.characteristic_group_number
        and open_rows.event_at >= rating_rules.effective_from
        and open_rows.event_at < rating_rules.effective_until
{%- if has_clock %}
-- Prices that look at no clock have no key here and cost next to nothing.
left join clock_spans
    on
        rating_rules.clock_price_id = clock_spans.price_version_id
        and open_rows.time_zone_number = clock_spans.time_zone_number
        and case when rating_rules.clock_price_id is not null then {{ utc_date('open_rows.event_at') }} end = clock_spans.utc_date
        and open_rows.event_at >= clock_spans.effective_from
        and open_rows.event_at < clock_spans.effective_until
{%- endif %}
where {{ nothing_left_out([(has_clock, 'int_clock_spans')]) }}
