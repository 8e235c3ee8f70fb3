{{ config(materialized='table', post_hook='analyze {{ this }}') }}

{#
    Counters of customers who move in, as the inbox has them, for the counter in which the period starts. A record that the account's
    last posted run knew has been used by that run; what it left counts from then on.
#}

with

opening_balances as (

    select * from {{ ref('stg_inbox__opening_balances') }}

),

products as (

    select * from {{ ref('int_products_dated') }}
    where is_in_scope

),

account_windows as (

    select * from {{ ref('int_account_windows') }}

),

offering_prices as (

    select * from {{ ref('int_offering_prices') }}
    where price_kind = 'usage'

),

counter_rules as (

    select * from {{ ref('int_counter_rules') }}
    where counter not in ('event', 'hour', 'day')

),

last_bills as (

    select * from {{ ref('int_last_bills') }}

),

found as (

    select
        products.account_id,
        products.product_id,
        offering_prices.charged_offering_id as offering_id,
        offering_prices.price_id,
        offering_prices.currency_code,
        opening_balances.counter_start,
        -- What is held counts one by one; of other prices a value only tells records apart.
        case when counter_rules.measure_aggregation = 'unique_count' then opening_balances.value else '' end as value,
        opening_balances.quantity,
        opening_balances.amount_billed
    from opening_balances
    inner join products on opening_balances.product_id = products.product_id
    inner join account_windows on products.account_id = account_windows.account_id
    inner join offering_prices
        on
            products.offering_id = offering_prices.product_offering_id
            and opening_balances.price_id = offering_prices.price_id
            and offering_prices.effective_from <= account_windows.period_start
            and coalesce(offering_prices.effective_until, {{ end_of_time() }}) > account_windows.period_start
    inner join counter_rules on offering_prices.price_version_id = counter_rules.price_version_id
    left join last_bills on products.account_id = last_bills.account_id
    where
        products.effective_from <= account_windows.period_start
        and products.effective_until > account_windows.period_start
        and opening_balances.counter_start = {{ counter_start('counter_rules', 'account_windows') }}
        and (
            last_bills.account_id is null
            or opening_balances.batch_id > last_bills.sealed_batch_id
            or opening_balances.counter_start > last_bills.billed_from_date
        )

)

select
    account_id,
    product_id,
    offering_id,
    price_id,
    case when value = '' then 'counter' else 'value' end as balance_kind,
    currency_code,
    counter_start,
    value,
    cast(sum(quantity) as numeric(24, 12)) as quantity,
    cast(sum(amount_billed) as numeric(38, 16)) as amount_billed
from found
group by account_id, product_id, offering_id, price_id, currency_code, counter_start, value
