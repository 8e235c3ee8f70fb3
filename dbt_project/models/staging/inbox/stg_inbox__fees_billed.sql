with

fees_billed as (

    select * from {{ source('inbox', 'fees_billed') }}

),

files as (

    select * from {{ source('inbox', 'files') }}

)

select
    fees_billed.product_id,
    fees_billed.price_id,

    files.batch_id,
    fees_billed.amount_billed,

    fees_billed.covered_from as covered_from_date,
    fees_billed.covered_until as covered_until_date
from fees_billed
inner join files on fees_billed.file_id = files.file_id
