with

bundle_components as (

    select * from {{ source('catalog', 'bundle_components') }}

),

run_inputs as (

    select * from {{ ref('stg_lane__run_inputs') }}

)

select
    bundle_components.bundle_offering_id,
    bundle_components.component_offering_id,

    bundle_components.weight,
    bundle_components.standalone_amount,

    bundle_components.takes_residual
from bundle_components
inner join run_inputs on bundle_components.book_id = run_inputs.book_id
