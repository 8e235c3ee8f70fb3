with

offering_phases as (

    select * from {{ source('catalog', 'offering_phases') }}

),

run_inputs as (

    select * from {{ ref('stg_lane__run_inputs') }}

)

select
    offering_phases.offering_id,
    offering_phases.phase_id,
    offering_phases.phase_offering_id,

    offering_phases.phase_kind,
    offering_phases.length_unit,

    offering_phases.phase_number,
    offering_phases.length_count
from offering_phases
inner join run_inputs on offering_phases.book_id = run_inputs.book_id
