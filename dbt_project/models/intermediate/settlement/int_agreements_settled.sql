{# The agreement versions that this run settles: those whose settlement cycle is the run's. #}

with

run as (

    select * from {{ ref('int_run') }}

),

agreements as (

    select * from {{ ref('stg_catalog__agreements') }}

)

select agreements.*
from agreements
inner join run on agreements.settlement_cycle = run.settlement_cycle
