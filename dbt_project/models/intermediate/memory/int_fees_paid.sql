{{ config(materialized='table', post_hook='analyze {{ this }}') }}

{#
    Fees charged in advance that earlier bills, or another system, have charged beyond the end of their period: what for and how much.
    One row per account, product, price and span. `offering_id` is the offering that has the price, a bundle for a bundle's fee.
#}

with

carried as (

    select * from {{ ref('int_balances_carried') }}
    where balance_kind = 'fee'

),

brought_in as (

    select * from {{ ref('int_fees_brought_in') }}

)

select
    account_id,
    product_id,
    offering_id,
    price_id,
    currency_code,
    amount_billed,
    covered_from,
    covered_until
from carried

union all

select
    brought_in.account_id,
    brought_in.product_id,
    brought_in.offering_id,
    brought_in.price_id,
    brought_in.currency_code,
    brought_in.amount_billed,
    brought_in.covered_from,
    brought_in.covered_until
from brought_in
where
    not exists (
        select 1
        from carried
        where
            carried.account_id = brought_in.account_id
            and carried.product_id = brought_in.product_id
            and carried.offering_id = brought_in.offering_id
            and carried.price_id = brought_in.price_id
            and carried.covered_from < brought_in.covered_until
            and brought_in.covered_from < carried.covered_until
    )
