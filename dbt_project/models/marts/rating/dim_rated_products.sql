with

products as (

    select * from {{ ref('int_products_dated') }}
    where is_in_scope

),

run_window as (

    select * from {{ ref('int_run_window') }}

)

select distinct
    run_window.bill_run_id,
    products.product_number,
    products.product_id,
    products.account_id,
    products.offering_id,
    products.seller_party_id
from products
cross join run_window
