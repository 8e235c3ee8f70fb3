{{ config(materialized='table', unlogged=true, pre_hook=rating_session(workers=0)) }}

{#
    Guided events that cannot be rated by what stands with them alone: those that may go on beyond a band of time, those whose counters do
    not add up, those without product, price or quantity, and late ones whose price depends on where their counter stood. Few of all, and
    four models look for some of them; they read this instead of every event.
#}
{%- set positions_matter = is_one_of('tariff_number', tariffs_by_position()) %}

select
    is_divisible,
    usage_specification_id,
    quantity_units,
    counter_rule_id,
    event_key,
    file_id,
    line_number,
    identifier_id,
    characteristic_set_id,
    event_at,
    is_late,
    product_number,
    price_version_id,
    tariff_number,
    calendar_number,
    time_zone_number,
    time_band_until,
    span_number,
    prorated_units
from {{ ref('int_usage_guided') }}
where
    is_divisible or counter_rule_id is not null or quantity_units is null
    {%- if has_rows('int_tariff_segments', positions_matter) %}
    or (is_late and {{ positions_matter }})
    {%- endif %}
