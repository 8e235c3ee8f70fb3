{# The instants and local days of the period, so that no model repeats how long late usage may arrive. #}

with

run_inputs as (

    select * from {{ ref('stg_lane__run_inputs') }}

),

window_starts as (

    select
        bill_run_id,
        -- Hours, because the length of a day of an instant depends on the session's time zone.
        period_start - interval '2880 hours' as usage_from
    from run_inputs

),

batches as (

    select * from {{ ref('stg_inbox__batches') }}

),

-- Batches of long ago hold only events older than the window; leaving them out spares reading years of usage.
first_batches as (

    select
        window_starts.bill_run_id,
        min(batches.batch_id) as first_batch_id
    from window_starts
    inner join batches on window_starts.usage_from <= batches.events_until
    group by window_starts.bill_run_id

)

select
    run_inputs.bill_run_id,
    run_inputs.book_id,
    coalesce(first_batches.first_batch_id, run_inputs.sealed_batch_id + 1) as first_batch_id,
    run_inputs.sealed_batch_id,

    run_inputs.period_id,
    run_inputs.time_zone,

    run_inputs.issue_date,
    cast(run_inputs.period_start at time zone run_inputs.time_zone as date) as period_start_date,
    cast(run_inputs.period_end at time zone run_inputs.time_zone as date) as period_end_date,
    run_inputs.period_start,
    run_inputs.period_end,
    window_starts.usage_from
from run_inputs
inner join window_starts on run_inputs.bill_run_id = window_starts.bill_run_id
left join first_batches on run_inputs.bill_run_id = first_batches.bill_run_id
