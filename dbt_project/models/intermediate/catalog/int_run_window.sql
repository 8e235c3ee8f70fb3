{{ config(materialized='table', post_hook='analyze {{ this }}') }}

{# The run as a whole: the batches and instants that hold the usage of all its accounts. What belongs to an account, its period
   first of all, stands in int_account_windows. #}

with

run_inputs as (

    select * from {{ ref('stg_lane__run_inputs') }}

),

account_windows as (

    select * from {{ ref('int_account_windows') }}

),

-- The windows of all accounts from the first start to the last end; a run without accounts keeps its own period.
envelope as (

    select
        min(period_start) as period_start,
        max(period_end) as period_end
    from account_windows

),

bounds as (

    select
        run_inputs.*,
        coalesce(envelope.period_start, run_inputs.period_start) as first_period_start,
        coalesce(envelope.period_end, run_inputs.period_end) as last_period_end,
        -- Hours, because the length of a day of an instant depends on the session's time zone.
        coalesce(envelope.period_start, run_inputs.period_start) - interval '2880 hours' as usage_from
    from run_inputs
    cross join envelope

),

batches as (

    select * from {{ ref('stg_inbox__batches') }}

),

-- Batches of long ago hold only events older than the window; leaving them out spares reading years of usage.
first_batches as (

    select
        bounds.bill_run_id,
        min(batches.batch_id) as first_batch_id
    from bounds
    inner join batches on bounds.usage_from <= batches.events_until
    group by bounds.bill_run_id

)

select
    bounds.bill_run_id,
    bounds.book_id,
    coalesce(first_batches.first_batch_id, bounds.sealed_batch_id + 1) as first_batch_id,
    bounds.sealed_batch_id,

    bounds.period_id,
    bounds.time_zone,

    bounds.issue_date,
    bounds.first_period_start as period_start,
    bounds.last_period_end as period_end,
    bounds.usage_from
from bounds
left join first_batches on bounds.bill_run_id = first_batches.bill_run_id
