{#
    Fees that another system charged customers who move in, with the offering that has the price. A record that the account's last
    posted run knew has been used by that run. One row per product, price and first day.
#}

with

fees_billed as (

    select * from {{ ref('stg_inbox__fees_billed') }}

),

products as (

    select * from {{ ref('int_products_dated') }}
    where is_in_scope

),

account_windows as (

    select * from {{ ref('int_account_windows') }}

),

prices as (

    select distinct
        product_offering_id,
        offering_id,
        price_id,
        currency_code
    from {{ ref('int_offering_prices') }}
    where price_kind = 'recurring'

),

last_bills as (

    select * from {{ ref('int_last_bills') }}

),

paid as (

    select
        fees_billed.*,
        products.account_id,
        prices.offering_id,
        prices.currency_code,
        products.effective_from,
        cast(fees_billed.covered_from_date as timestamp) at time zone account_windows.time_zone as covered_from,
        cast(fees_billed.covered_until_date as timestamp) at time zone account_windows.time_zone as covered_until
    from fees_billed
    inner join products on fees_billed.product_id = products.product_id
    inner join account_windows on products.account_id = account_windows.account_id
    inner join prices
        on
            products.offering_id = prices.product_offering_id
            and fees_billed.price_id = prices.price_id
    left join last_bills on products.account_id = last_bills.account_id
    where
        last_bills.account_id is null
        or fees_billed.batch_id > last_bills.sealed_batch_id

)

-- A price that two of the product's offerings have is that of the offering it had first while the fee was paid.
select distinct on (product_id, price_id, covered_from_date)
    account_id,
    product_id,
    offering_id,
    price_id,
    currency_code,
    covered_from_date,
    cast(amount_billed as numeric(38, 16)) as amount_billed,
    covered_from,
    covered_until
from paid
where effective_from < covered_until
order by product_id, price_id, covered_from_date, effective_from
