{{ config(materialized='table', post_hook='analyze {{ this }}') }}

{#
    The agreement versions that this run settles: those whose settlement cycle is the run's. A lane that nothing is posted from has no
    settlement runs beside it, so it settles all: a trial, a what-if and a running statement show every partner's document.
#}

with

run as (

    select * from {{ ref('int_run') }}

),

agreements as (

    select * from {{ ref('stg_catalog__agreements') }}

)

select agreements.*
from agreements
{% if target.schema in ('build', 'settle') -%}
inner join run on agreements.settlement_cycle = run.settlement_cycle
{% else -%}
cross join run
{% endif %}
{% if target.schema == 'settle' -%}
-- A supplement settles what its period had parked, and nothing else.
inner join {{ ref('stg_lane__run_scope') }} as run_scope
    on {{ settlement_account('agreements.agreement_id') }} = run_scope.account_id
{% endif %}
