{{ config(materialized='table', post_hook='analyze {{ this }}') }}

{#
    Local hours and days as spans of instants, on the clock of each time zone in the run, where a price counts over them. An hour that
    the clock shows twice is two spans. A span has a row for each day in UTC that it touches, so that an event finds it by its day.

    Counters of a month, quarter or year have one span, number -1: what is over of the counter that is open when the period starts.
    Late usage in it moves that counter. Where accounts of one time zone have several periods, it is that of the latest.
#}

with

asked as (

    select distinct counter
    from {{ ref('int_counter_rules') }}
    where counter in ('hour', 'day') or takes_late_usage

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

),

open_counters as (

    select
        asked.counter,
        account_windows.time_zone_number,
        max(greatest(
            cast({{ counter_first_day('asked', 'account_windows') }} as timestamp) at time zone account_windows.time_zone,
            account_windows.usage_from
        )) as effective_from,
        max(account_windows.period_start) as effective_until
    from asked
    cross join {{ ref('int_account_windows') }} as account_windows
    where asked.counter not in ('hour', 'day')
    group by asked.counter, account_windows.time_zone_number

),

all_spans as (

    select counter, time_zone_number, effective_from, effective_until, span_number
    from spans
    where effective_until is not null

    union all

    select counter, time_zone_number, effective_from, effective_until, -1
    from open_counters
    where effective_from < effective_until

)

select
    all_spans.counter,
    all_spans.time_zone_number,
    cast(touched.utc_date as date) as utc_date,
    all_spans.effective_from,
    all_spans.effective_until,
    cast(all_spans.span_number as integer) as span_number
from all_spans
cross join lateral generate_series(
    cast({{ utc_date('all_spans.effective_from') }} as timestamp),
    cast({{ utc_date("(all_spans.effective_until - interval '1 microsecond')") }} as timestamp),
    interval '1 day'
) as touched (utc_date)
