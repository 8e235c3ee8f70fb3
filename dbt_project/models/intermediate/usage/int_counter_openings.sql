{{ config(materialized='table', post_hook='analyze {{ this }}') }}

{#
    What the counters of an account's period had reached before its first event, in whole units: balances that earlier bills left,
    or another system, for the price and tariff in force when the period starts. A counter without one starts at zero. Counters
    of whole accounts are int_shared_openings.
#}

with

opening_balances as (

    select * from {{ ref('int_opening_balances') }}
    where balance_kind in ('counter', 'value')

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
    where counter not in ('event', 'hour', 'day') and not is_shared

),

price_overrides as (

    select * from {{ ref('int_price_overrides_in_force') }}

),

tariffs as (

    select * from {{ ref('int_tariffs') }}
    where price_override_id is null

)

select
    products.product_number,
    products.class_number,
    offering_prices.charged_offering_id,
    counter_rules.price_id,
    counter_rules.price_version_id,
    price_overrides.price_override_id,
    coalesce(price_overrides.tariff_number, tariffs.tariff_number) as tariff_number,
    counter_rules.billed,
    counter_rules.is_recurring,
    greatest(products.effective_from, account_windows.period_start) as opened_at,
    -- Where the tariff goes on: what free events took is no part of it.
    cast(sum(floor(
        (opening_balances.quantity - opening_balances.free_quantity) * {{ power_of_ten('counter_rules.quantity_scale') }}
    )) as bigint) as opening_units,
    cast(floor(max(opening_balances.highest_quantity) * {{ power_of_ten('counter_rules.quantity_scale') }}) as bigint) as opening_highest_units,
    cast(floor(sum(opening_balances.free_quantity) * {{ power_of_ten('counter_rules.quantity_scale') }}) as bigint) as opening_free_units,
    cast(sum(opening_balances.event_count) as bigint) as opening_event_count,
    cast(sum(opening_balances.amount_billed) as numeric(38, 16)) as billed_exact
from products
inner join account_windows on products.account_id = account_windows.account_id
inner join opening_balances
    on
        products.account_id = opening_balances.account_id
        and products.product_id = opening_balances.product_id
inner join offering_prices
    on
        products.offering_id = offering_prices.product_offering_id
        and opening_balances.offering_id = offering_prices.charged_offering_id
        and opening_balances.price_id = offering_prices.price_id
        and offering_prices.effective_from <= account_windows.period_start
        and coalesce(offering_prices.effective_until, {{ end_of_time() }}) > account_windows.period_start
inner join counter_rules on offering_prices.price_version_id = counter_rules.price_version_id
inner join tariffs on offering_prices.price_version_id = tariffs.price_version_id
left join price_overrides
    on
        products.product_number = price_overrides.product_number
        and offering_prices.price_version_id = price_overrides.price_version_id
        and price_overrides.effective_from <= account_windows.period_start
        and price_overrides.effective_until > account_windows.period_start
where
    products.effective_from <= account_windows.period_start
    and products.effective_until > account_windows.period_start
    and (
        counter_rules.is_recurring
        or opening_balances.counter_start = {{ counter_start('counter_rules', 'account_windows') }}
    )
group by
    products.product_number,
    products.class_number,
    offering_prices.charged_offering_id,
    counter_rules.price_id,
    counter_rules.price_version_id,
    counter_rules.quantity_scale,
    price_overrides.price_override_id,
    price_overrides.tariff_number,
    tariffs.tariff_number,
    counter_rules.billed,
    counter_rules.is_recurring,
    products.effective_from,
    account_windows.period_start
