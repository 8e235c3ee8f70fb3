{{ config(materialized='table', post_hook='analyze {{ this }}') }}

{# What counters that the products of an account move together had reached before the period's first event, in whole units. #}

with

opening_balances as (

    select * from {{ ref('int_opening_balances') }}
    where balance_kind = 'counter'

),

account_windows as (

    select * from {{ ref('int_account_windows') }}

),

prices as (

    select * from {{ ref('stg_catalog__prices') }}

),

counter_rules as (

    select * from {{ ref('int_counter_rules') }}
    where is_shared

)

select
    opening_balances.account_id,
    counter_rules.price_version_id,
    cast(floor(sum(opening_balances.quantity) * {{ power_of_ten('counter_rules.quantity_scale') }}) as bigint) as opening_units,
    cast(floor(sum(opening_balances.free_quantity) * {{ power_of_ten('counter_rules.quantity_scale') }}) as bigint) as opening_free_units,
    cast(floor(max(opening_balances.highest_quantity) * {{ power_of_ten('counter_rules.quantity_scale') }}) as bigint) as opening_highest_units,
    cast(sum(opening_balances.event_count) as bigint) as opening_event_count
from opening_balances
inner join account_windows on opening_balances.account_id = account_windows.account_id
inner join prices
    on
        opening_balances.offering_id = prices.offering_id
        and opening_balances.price_id = prices.price_id
inner join counter_rules on prices.price_version_id = counter_rules.price_version_id
where opening_balances.counter_start = {{ counter_start('counter_rules', 'account_windows') }}
group by opening_balances.account_id, counter_rules.price_version_id, counter_rules.quantity_scale
