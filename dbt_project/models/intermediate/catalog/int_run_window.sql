{# The instants and local days of the period, so that no model repeats how long late usage may arrive. #}

with

run_inputs as (

    select * from {{ ref('stg_lane__run_inputs') }}

)

select
    bill_run_id,
    book_id,
    sealed_batch_id,

    period_id,
    time_zone,

    issue_date,
    cast(period_start at time zone time_zone as date) as period_start_date,
    cast(period_end at time zone time_zone as date) as period_end_date,
    period_start,
    period_end,
    -- Hours, because a day of an instant depends on the session's time zone.
    period_start - interval '2880 hours' as usage_from
from run_inputs
