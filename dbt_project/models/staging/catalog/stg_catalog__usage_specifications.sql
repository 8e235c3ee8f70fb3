with

usage_specification_versions as (

    select * from {{ source('catalog', 'usage_specification_versions') }}

),

usage_specifications as (

    select * from {{ source('catalog', 'usage_specifications') }}

),

run_inputs as (

    select * from {{ ref('stg_lane__run_inputs') }}

)

select
    usage_specification_versions.usage_specification_id,

    usage_specifications.usage_specification_code,

    usage_specification_versions.quantity_scales,
    usage_specification_versions.quantity_units_of_measure,
    usage_specification_versions.duration_slot,
    usage_specification_versions.guided_to
from usage_specification_versions
inner join usage_specifications
    on usage_specification_versions.usage_specification_id = usage_specifications.usage_specification_id
inner join run_inputs on usage_specification_versions.book_id = run_inputs.book_id
