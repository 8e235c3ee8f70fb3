with

bucket_balances as (

    select * from {{ source('inbox', 'bucket_balances') }}

),

files as (

    select * from {{ source('inbox', 'files') }}

)

select
    bucket_balances.holder_id,
    bucket_balances.offering_id,
    bucket_balances.allowance_id,

    files.batch_id,
    bucket_balances.quantity,

    bucket_balances.carried_on
from bucket_balances
inner join files on bucket_balances.file_id = files.file_id
