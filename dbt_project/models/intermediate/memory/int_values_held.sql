{#
    Values that counts of distinct values hold at the end of the period: what its last event says about each, and else that it was
    held when the period started. Late usage counts too: what is held is held.
#}

with

counter_rules as (

    select
        counter_rules.*,
        prices.offering_id,
        prices.currency_code
    from {{ ref('int_counter_rules') }} as counter_rules
    inner join {{ ref('stg_catalog__prices') }} as prices on counter_rules.price_version_id = prices.price_version_id
    where
        counter_rules.is_remembered
        and counter_rules.measure_aggregation = 'unique_count'

),

account_windows as (

    select * from {{ ref('int_account_windows') }}

),

products as (

    select distinct
        product_number,
        product_id,
        account_id
    from {{ ref('int_products_dated') }}
    where is_in_scope

),

last_events as (

    select distinct on (products.account_id, products.product_id, counter_rules.offering_id, counter_rules.price_id, positions.value)
        products.account_id,
        products.product_id,
        counter_rules.offering_id,
        counter_rules.price_id,
        positions.value,
        positions.is_removal
    from {{ ref('int_usage_positions') }} as positions
    inner join counter_rules on positions.counter_rule_id = counter_rules.price_version_id
    inner join products on positions.product_number = products.product_number
    where positions.value <> ''
    order by
        products.account_id,
        products.product_id,
        counter_rules.offering_id,
        counter_rules.price_id,
        positions.value,
        positions.event_at desc,
        positions.event_key desc

),

opened as (

    select account_id, product_id, offering_id, price_id, value
    from {{ ref('int_opening_balances') }}
    where balance_kind = 'value'

),

held as (

    select account_id, product_id, offering_id, price_id, value
    from last_events
    where not is_removal

    union all

    select opened.*
    from opened
    left join last_events
        on
            opened.account_id = last_events.account_id
            and opened.product_id = last_events.product_id
            and opened.offering_id = last_events.offering_id
            and opened.price_id = last_events.price_id
            and opened.value = last_events.value
    where last_events.account_id is null

),

rules as (

    select distinct offering_id, price_id, currency_code, counter, is_recurring
    from counter_rules

)

select
    held.account_id,
    held.product_id,
    held.offering_id,
    held.price_id,
    held.value,
    rules.currency_code,
    case when rules.is_recurring then account_windows.period_end_date else {{ counter_start('rules', 'account_windows') }} end as counter_start,
    {{ counter_until('rules', 'account_windows') }} as counter_until
from held
inner join account_windows on held.account_id = account_windows.account_id
inner join rules on held.offering_id = rules.offering_id and held.price_id = rules.price_id
