with

opening_balances as (

    select * from {{ source('inbox', 'opening_balances') }}

),

files as (

    select * from {{ source('inbox', 'files') }}

)

select
    opening_balances.product_id,
    opening_balances.price_id,

    opening_balances.value,

    files.batch_id,
    opening_balances.quantity,
    opening_balances.amount_billed,

    opening_balances.counter_start
from opening_balances
inner join files on opening_balances.file_id = files.file_id
