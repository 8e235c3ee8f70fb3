{{ config(materialized='table', post_hook='analyze {{ this }}') }}

{#
    The window in which each account is billed: its own instants, and its local days. Late usage may be this much older.

    Accounts of several time zones and bill cycles share a run; what belongs to an account looks here and not at the run.
#}

with

run_inputs as (

    select * from {{ ref('stg_lane__run_inputs') }}

),

run_scope as (

    select * from {{ ref('stg_lane__run_scope') }}

),

windows as (

    select
        run_scope.account_id,
        run_scope.period_id,
        run_scope.account_number,
        coalesce(run_scope.time_zone, run_inputs.time_zone) as time_zone,
        run_scope.period_start,
        run_scope.period_end
    from run_scope
    cross join run_inputs

)

select
    account_id,
    period_id,
    account_number,
    cast(dense_rank() over (order by time_zone) as integer) as time_zone_number,
    time_zone,
    cast(period_start at time zone time_zone as date) as period_start_date,
    cast(period_end at time zone time_zone as date) as period_end_date,
    period_start,
    period_end,
    -- Hours, because the length of a day of an instant depends on the session's time zone.
    period_start - interval '2880 hours' as usage_from
from windows
