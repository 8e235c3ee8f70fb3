{{ config(materialized='table', post_hook='analyze {{ this }}') }}

{#
    Local hours and days as spans of instants, on the clock of each time zone in the run, where a price counts over them. An hour that
    the clock shows twice is two spans. A span has a row for each day in UTC that it touches, so that an event finds it by its day.
#}

with

asked as (

    select distinct counter
    from {{ ref('int_counter_rules') }}
    where counter in ('hour', 'day')

),

clocks as (

    select
        time_zone_number,
        time_zone,
        min(usage_from) as usage_from,
        max(period_end) as period_end
    from {{ ref('int_account_windows') }}
    group by time_zone_number, time_zone

),

starts as (

    select
        'hour' as counter,
        clocks.time_zone_number,
        hours.starts_at as effective_from
    from clocks
    cross join lateral generate_series(
        date_trunc('day', clocks.usage_from at time zone clocks.time_zone) at time zone clocks.time_zone,
        clocks.period_end,
        interval '1 hour'
    ) as hours (starts_at)

    union all

    select
        'day',
        clocks.time_zone_number,
        days.local_start at time zone clocks.time_zone
    from clocks
    cross join lateral generate_series(
        date_trunc('day', clocks.usage_from at time zone clocks.time_zone),
        (clocks.period_end at time zone clocks.time_zone) + interval '1 day',
        interval '1 day'
    ) as days (local_start)

),

spans as (

    select
        starts.counter,
        starts.time_zone_number,
        starts.effective_from,
        lead(starts.effective_from) over (
            partition by starts.counter, starts.time_zone_number order by starts.effective_from
        ) as effective_until,
        row_number() over (partition by starts.counter, starts.time_zone_number order by starts.effective_from) as span_number
    from starts
    inner join asked on starts.counter = asked.counter

)

select
    spans.counter,
    spans.time_zone_number,
    cast(touched.utc_date as date) as utc_date,
    spans.effective_from,
    spans.effective_until,
    cast(spans.span_number as integer) as span_number
from spans
cross join lateral generate_series(
    cast({{ utc_date('spans.effective_from') }} as timestamp),
    cast({{ utc_date("(spans.effective_until - interval '1 microsecond')") }} as timestamp),
    interval '1 day'
) as touched (utc_date)
where spans.effective_until is not null
