with

allowance_covers as (

    select * from {{ source('catalog', 'allowance_covers') }}

),

run_inputs as (

    select * from {{ ref('stg_lane__run_inputs') }}

)

select
    allowance_covers.offering_id,
    allowance_covers.allowance_id,
    allowance_covers.covered_offering_id,
    allowance_covers.covered_price_id
from allowance_covers
inner join run_inputs on allowance_covers.book_id = run_inputs.book_id
