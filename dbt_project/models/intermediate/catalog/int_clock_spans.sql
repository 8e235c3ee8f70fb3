{{ config(materialized='table', post_hook='analyze {{ this }}') }}

{#
    What the clock decides about an event of a price: the tariff of its band of time, and the hour, the day or the open counter that it
    counts in. Spans do not overlap. One lookup for an event, and none for the many whose prices look at no clock.

    A span has a row for each day in UTC that it touches (int_time_band_spans, int_counter_spans), so that an event finds it by its day.
#}

with

calendars as (

    select distinct
        price_version_id,
        calendar_number
    from {{ ref('stg_catalog__price_time_bands') }}

),

counter_rules as (

    select * from {{ ref('int_counter_rules') }}
    where counter in ('hour', 'day') or takes_late_usage

),

band_spans as (

    select
        calendars.price_version_id,
        spans.time_zone_number,
        spans.utc_date,
        spans.effective_from,
        spans.effective_until,
        time_band_tariffs.tariff_number
    from calendars
    inner join {{ ref('int_time_band_spans') }} as spans on calendars.calendar_number = spans.calendar_number
    left join {{ ref('int_time_band_matches') }} as time_band_tariffs
        on
            calendars.price_version_id = time_band_tariffs.price_version_id
            and spans.time_band_number = time_band_tariffs.time_band_number

),

counter_spans as (

    select
        counter_rules.price_version_id,
        spans.time_zone_number,
        spans.utc_date,
        spans.effective_from,
        spans.effective_until,
        spans.span_number
    from counter_rules
    inner join {{ ref('int_counter_spans') }} as spans on counter_rules.counter = spans.counter

),

-- Spans are cut at the edges of either, for a price that has both.
edges as (

    select price_version_id, time_zone_number, utc_date, effective_from as edge_at from band_spans
    union
    select price_version_id, time_zone_number, utc_date, effective_until from band_spans
    union
    select price_version_id, time_zone_number, utc_date, effective_from from counter_spans
    union
    select price_version_id, time_zone_number, utc_date, effective_until from counter_spans

),

pieces as (

    select
        price_version_id,
        time_zone_number,
        utc_date,
        edge_at as effective_from,
        lead(edge_at) over (partition by price_version_id, time_zone_number, utc_date order by edge_at) as effective_until
    from edges

)

select
    pieces.price_version_id,
    pieces.time_zone_number,
    pieces.utc_date,
    pieces.effective_from,
    pieces.effective_until,
    band_spans.tariff_number,
    band_spans.effective_until as time_band_until,
    cast(counter_spans.span_number as integer) as span_number
from pieces
left join band_spans
    on
        pieces.price_version_id = band_spans.price_version_id
        and pieces.time_zone_number = band_spans.time_zone_number
        and pieces.utc_date = band_spans.utc_date
        and pieces.effective_from >= band_spans.effective_from
        and pieces.effective_until <= band_spans.effective_until
left join counter_spans
    on
        pieces.price_version_id = counter_spans.price_version_id
        and pieces.time_zone_number = counter_spans.time_zone_number
        and pieces.utc_date = counter_spans.utc_date
        and pieces.effective_from >= counter_spans.effective_from
        and pieces.effective_until <= counter_spans.effective_until
where band_spans.price_version_id is not null or counter_spans.price_version_id is not null
