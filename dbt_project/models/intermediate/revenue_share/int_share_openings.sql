{{ config(materialized='table', post_hook="analyze {{ this }}") }}

{#
    What posted bill runs measured for the tiers of sharing items, in the periods that this run's lines can fall into: a year
    of tiers goes on from month to month, a month from one bill cycle to the next. Of the version that shared them, whatever it was.
#}

with

run as (

    select * from {{ ref('int_run') }}

),

shares as (

    select * from {{ source('published', 'fct_revenue_shares') }}
    where measured_exact is not null

),

lines as (

    select * from {{ source('published', 'fct_applied_billing_rates') }}

),

bill_runs as (

    select * from {{ source('control', 'bill_runs') }}

),

agreements as (

    select * from {{ source('catalog', 'agreements') }}

),

steps as (

    select * from {{ source('catalog', 'agreement_steps') }}

),

measured_shares as (

    select
        shares.agreement_id,
        shares.item_id,
        shares.receiver_party_id,
        coalesce(steps.currency_code, shares.currency_code) as currency_code,
        steps.measured_over,
        date_trunc(
            steps.measured_over,
            cast(case agreements.settlement_trigger
                when 'consumed' then lines.covered_from at time zone run.time_zone
                else bill_runs.period_end at time zone run.time_zone - interval '1 day'
            end as date)
        ) as measured_from,
        shares.measured_exact
    from shares
    cross join run
    inner join bill_runs
        on shares.bill_run_id = bill_runs.bill_run_id
        and bill_runs.lane = 'build'
        and bill_runs.state = 'posted'
        -- Late usage of the year before is the furthest back that a line can be.
        and bill_runs.period_end > run.period_first_date - interval '2 years'
    inner join agreements on shares.agreement_version_id = agreements.agreement_version_id
    inner join steps
        on shares.terms_id = steps.terms_id
        and shares.step_number = steps.step_number
    inner join lines
        on shares.bill_run_id = lines.bill_run_id
        and shares.line_key = lines.line_key
    -- A settlement run shares lines once more; what they measured is among what was posted.
    where {{ 'false' if target.schema == 'settle' else 'true' }}

)

select
    agreement_id,
    item_id,
    receiver_party_id,
    currency_code,
    measured_over,
    measured_from,
    cast(sum(measured_exact) as numeric(38, 16)) as measured
from measured_shares
group by agreement_id, item_id, receiver_party_id, currency_code, measured_over, measured_from
