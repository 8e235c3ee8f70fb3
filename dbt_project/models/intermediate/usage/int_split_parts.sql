{{ config(materialized='table', pre_hook=rating_session(workers=0), post_hook='analyze {{ this }}') }}

{# Calls that go on beyond the band of time in which they start: which part of them meets the tariff of which band. #}

with

-- How many units a second has, and microseconds a unit, worked out once for a price.
tariffs as (

    select
        price_version_id,
        tariff_number,
        {{ power_of_ten('quantity_scale') }} as units_per_second,
        {{ power_of_ten('6 - quantity_scale') }} as microseconds_per_unit
    from {{ ref('int_tariffs') }}
    where price_override_id is null
    {{ computed_once() }}

),

time_band_spans as (

    select * from {{ ref('int_time_band_spans') }}
    where utc_date = {{ utc_date('effective_from') }}

),

time_band_tariffs as (

    select * from {{ ref('int_time_band_matches') }}

),

divisible_events as (

    select *
    from {{ ref('int_usage_exceptions') }}
    where
        -- Without any band in the book no row is read, and else only those that may go on beyond theirs.
        exists (select 1 from time_band_spans)
        and is_divisible

),

calls as (

    select
        divisible_events.event_key,
        divisible_events.event_at,
        divisible_events.price_version_id,
        divisible_events.calendar_number,
        divisible_events.time_zone_number,
        divisible_events.time_band_until,
        divisible_events.quantity_units,
        tariffs.tariff_number as price_tariff_number,
        tariffs.units_per_second,
        divisible_events.event_at
        + cast(trunc(divisible_events.quantity_units * tariffs.microseconds_per_unit) as bigint) * interval '1 microsecond' as ends_at
    from divisible_events
    inner join tariffs on divisible_events.price_version_id = tariffs.price_version_id

),

-- The others are passed over before anything is asked about the bands that follow.
timed_events as (

    select *
    from calls
    where ends_at > time_band_until
    {{ computed_once() }}

),

band_parts as (

    select
        timed_events.event_key,
        timed_events.quantity_units,
        coalesce(time_band_tariffs.tariff_number, timed_events.price_tariff_number) as tariff_number,
        greatest(
            floor(extract(epoch from time_band_spans.effective_from - timed_events.event_at) * timed_events.units_per_second), 0
        ) as from_units,
        least(
            floor(extract(epoch from time_band_spans.effective_until - timed_events.event_at) * timed_events.units_per_second),
            timed_events.quantity_units
        ) as until_units
    from timed_events
    inner join time_band_spans
        on
            timed_events.calendar_number = time_band_spans.calendar_number
            and timed_events.time_zone_number = time_band_spans.time_zone_number
            and timed_events.event_at < time_band_spans.effective_until
            and timed_events.ends_at > time_band_spans.effective_from
    left join time_band_tariffs
        on
            timed_events.price_version_id = time_band_tariffs.price_version_id
            and time_band_spans.time_band_number = time_band_tariffs.time_band_number

),

-- Bands with one tariff do not divide a call.
numbered_parts as (

    select
        *,
        row_number() over (partition by event_key order by from_units)
        - row_number() over (partition by event_key, tariff_number order by from_units) as part_group
    from band_parts

)

select
    event_key,
    quantity_units,
    tariff_number,
    min(from_units) as from_units,
    max(until_units) as until_units,
    count(*) over (partition by event_key) as part_count
from numbered_parts
group by event_key, quantity_units, tariff_number, part_group
