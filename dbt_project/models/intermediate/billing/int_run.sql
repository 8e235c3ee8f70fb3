{{ config(materialized='table', post_hook="analyze {{ this }}") }}

{# The run, its operator, and the dates on which rules and master data are looked up. A table, because the book's definition
   is large and a view would read the FX source out of it again for every row joined with the run. #}

with

run_inputs as (

    select * from {{ ref('stg_lane__run_inputs') }}

),

book_versions as (

    select * from {{ source('catalog', 'book_versions') }}

),

bill_runs as (

    select * from {{ source('control', 'bill_runs') }}

)

select
    run_inputs.bill_run_id,
    run_inputs.period_id,
    book_versions.operator_party_id,
    run_inputs.time_zone,
    book_versions.definition #>> '{operator,fx,source}' as fx_source,
    coalesce(book_versions.definition #>> '{operator,tax_rounding}', 'per_rule') as tax_rounding,

    cast(coalesce(book_versions.definition #>> '{operator,coupon_decimals}', '12') as integer) as coupon_decimals,

    -- A what-if lane may run without a row in control; its run counts as the ordinary one.
    coalesce(bill_runs.sequence, 0) as run_sequence,

    -- A bill run settles agreements of cycle bill_run, a settlement run those of its own cycle.
    run_inputs.settlement_cycle,

    run_inputs.issue_date,
    cast(run_inputs.period_start at time zone run_inputs.time_zone as date) as period_first_date,
    -- Places what is settled in its month and year.
    cast(run_inputs.period_end at time zone run_inputs.time_zone as date) - 1 as period_last_date
from run_inputs
inner join book_versions on run_inputs.book_id = book_versions.book_id
left join bill_runs on run_inputs.bill_run_id = bill_runs.bill_run_id
