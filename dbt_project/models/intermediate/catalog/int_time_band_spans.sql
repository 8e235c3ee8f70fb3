{{ config(materialized='table', post_hook='analyze {{ this }}') }}

{#
    Which band of a calendar counts when: spans of instants that follow each other, on the clock of each time zone in the run.

    Hours without a band have spans as well, with a null band. Bands are worked out day by day on the local clock, so a day of 23 or
    25 hours has its change inside a band. A time that the clock shows twice counts where it comes first. A span has a row for each
    day in UTC that it touches, so that an event finds it by its day.
#}

with

asked_days as (

    select * from {{ ref('int_calendar_days') }}

),

time_bands as (

    select * from {{ ref('stg_catalog__time_bands') }}

),

holidays as (

    select * from {{ ref('stg_catalog__calendar_holidays') }}

),

band_days as (

    select
        asked_days.*,
        time_bands.time_band_number,
        time_bands.weight,
        time_bands.specificity,
        time_bands.starts_at,
        asked_days.local_date + time_bands.starts_at as starts_local,
        coalesce(asked_days.local_date + time_bands.ends_at, asked_days.local_date + interval '1 day') as ends_local
    from asked_days
    inner join time_bands on asked_days.calendar_number = time_bands.calendar_number
    left join holidays
        on
            asked_days.calendar_number = holidays.calendar_number
            and asked_days.local_date = holidays.holiday_date
    where
        coalesce(cast(extract(isodow from asked_days.local_date) as smallint) = any(time_bands.weekdays), true)
        and coalesce(cast(extract(month from asked_days.local_date) as smallint) = any(time_bands.months), true)
        and coalesce(cast(extract(day from asked_days.local_date) as smallint) = any(time_bands.month_days), true)
        and coalesce(
            to_char(asked_days.local_date, 'YYYY-MM-DD') = any(time_bands.dates)
            or to_char(asked_days.local_date, 'MM-DD') = any(time_bands.dates),
            true
        )
        and coalesce((time_bands.holiday_rule = 'only') = (holidays.holiday_date is not null), true)

),

edges as (

    select calendar_number, time_zone_number, clock, local_date, cast(local_date as timestamp) as edge_local from asked_days
    union
    select calendar_number, time_zone_number, clock, local_date + 1, cast(local_date + 1 as timestamp) from asked_days
    union
    select calendar_number, time_zone_number, clock, local_date, starts_local as edge_local from band_days
    union
    select calendar_number, time_zone_number, clock, local_date, ends_local as edge_local from band_days
    where ends_local < local_date + interval '1 day'

),

-- An hour back and forth finds the first of two equal local times.
edge_instants as (

    select
        *,
        least(edge_local at time zone clock, ((edge_local - interval '1 hour') at time zone clock) + interval '1 hour') as edge_at
    from edges

),

edge_bands as (

    select distinct on (edge_instants.calendar_number, edge_instants.time_zone_number, edge_instants.edge_at)
        edge_instants.calendar_number,
        edge_instants.time_zone_number,
        edge_instants.edge_at,
        band_days.time_band_number,
        asked_days.local_date is not null as is_asked
    from edge_instants
    left join asked_days
        on
            edge_instants.calendar_number = asked_days.calendar_number
            and edge_instants.time_zone_number = asked_days.time_zone_number
            and edge_instants.local_date = asked_days.local_date
    left join band_days
        on
            edge_instants.calendar_number = band_days.calendar_number
            and edge_instants.time_zone_number = band_days.time_zone_number
            and edge_instants.local_date = band_days.local_date
            and edge_instants.edge_local >= band_days.starts_local
            and edge_instants.edge_local < band_days.ends_local
    order by
        edge_instants.calendar_number,
        edge_instants.time_zone_number,
        edge_instants.edge_at,
        edge_instants.edge_local desc,
        band_days.weight desc nulls last,
        case when band_days.overlap_rule = 'most_specific' then band_days.specificity end desc,
        band_days.starts_at desc,
        band_days.specificity desc,
        band_days.time_band_number

),

with_band_before as (

    select
        *,
        lag(time_band_number) over zone_order as time_band_before,
        lag(is_asked) over zone_order as was_asked,
        row_number() over zone_order as edge_number
    from edge_bands
    window zone_order as (partition by calendar_number, time_zone_number order by edge_at)

),

spans as (

    select
        calendar_number,
        time_zone_number,
        time_band_number,
        is_asked,
        edge_at as effective_from,
        lead(edge_at) over (partition by calendar_number, time_zone_number order by edge_at) as effective_until
    from with_band_before
    where edge_number = 1 or time_band_number is distinct from time_band_before or is_asked <> was_asked

)

select
    spans.calendar_number,
    spans.time_zone_number,
    spans.time_band_number,
    cast(spans.effective_from at time zone 'UTC' as date) + utc_days.number as utc_date,
    spans.effective_from,
    spans.effective_until
from spans
cross join lateral generate_series(
    0,
    cast((spans.effective_until - interval '1 microsecond') at time zone 'UTC' as date)
    - cast(spans.effective_from at time zone 'UTC' as date)
) as utc_days (number)
where spans.is_asked
