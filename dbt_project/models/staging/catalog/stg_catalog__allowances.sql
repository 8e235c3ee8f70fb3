with

allowances as (

    select * from {{ source('catalog', 'allowances') }}

),

run_inputs as (

    select * from {{ ref('stg_lane__run_inputs') }}

)

select
    allowances.offering_id,
    allowances.allowance_id,

    allowances.shared_by,
    allowances.rollover_expiry,

    allowances.usage_quantity,
    allowances.amount,
    allowances.pass_number,
    allowances.rollover_maximum,

    allowances.is_prorated
from allowances
inner join run_inputs on allowances.book_id = run_inputs.book_id
