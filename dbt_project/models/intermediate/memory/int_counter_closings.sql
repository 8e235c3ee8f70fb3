{{ config(materialized='table', post_hook='analyze {{ this }}') }}

{#
    What counters that outlast the period have reached at its end: what they opened with, what this run's lines and events moved,
    what its bill charges. From lines, and from the events of prices that do not simply add up; plain events cost nothing here.

    A counter of a whole account has no product. Late usage is taken in by a quantity that stays, and by a counter that was open when it happened.
#}

with

account_windows as (

    select * from {{ ref('int_account_windows') }}

),

counter_rules as (

    select
        counter_rules.*,
        prices.offering_id,
        prices.currency_code
    from {{ ref('int_counter_rules') }} as counter_rules
    inner join {{ ref('stg_catalog__prices') }} as prices on counter_rules.price_version_id = prices.price_version_id
    where counter_rules.is_remembered

),

products as (

    select distinct
        product_number,
        product_id,
        account_id
    from {{ ref('int_products_dated') }}
    where is_in_scope

),

opened as (

    select
        opening_balances.account_id,
        case when shared.price_id is null then opening_balances.product_id else '' end as product_id,
        opening_balances.offering_id,
        opening_balances.price_id,
        sum(opening_balances.quantity) as quantity,
        max(opening_balances.highest_quantity) as highest_quantity,
        sum(opening_balances.free_quantity) as free_quantity,
        sum(opening_balances.event_count) as event_count,
        sum(opening_balances.amount_billed) as amount_billed
    from {{ ref('int_opening_balances') }} as opening_balances
    left join (select distinct offering_id, price_id from counter_rules where is_shared) as shared
        on
            opening_balances.offering_id = shared.offering_id
            and opening_balances.price_id = shared.price_id
    where opening_balances.balance_kind = 'counter'
    group by 1, 2, 3, 4

),

added as (

    select
        products.account_id,
        case when counter_rules.is_shared then '' else products.product_id end as product_id,
        counter_rules.offering_id,
        counter_rules.price_id,
        sum(usage_lines.added_units) as added_units
    from (
        select product_number, price_version_id, is_late, quantity_units - allowance_units as added_units
        from {{ ref('int_usage_lines') }}
        {{ late_usage_of_open_counters('products', 'account_windows', 'counter_rules') }}
    ) as usage_lines
    inner join counter_rules on usage_lines.price_version_id = counter_rules.price_version_id
    inner join products on usage_lines.product_number = products.product_number
    where
        not counter_rules.is_positioned
        and (counter_rules.is_recurring or not usage_lines.is_late)
    group by 1, 2, 3, 4

),

last_positions as (

    select distinct on (
        products.account_id, case when counter_rules.is_shared then '' else products.product_id end, counter_rules.offering_id, counter_rules.price_id, positions.is_late
    )
        products.account_id,
        case when counter_rules.is_shared then '' else products.product_id end as product_id,
        counter_rules.offering_id,
        counter_rules.price_id,
        positions.is_late,
        positions.closing_units,
        positions.closing_highest_units,
        positions.closing_free_units,
        positions.closing_event_count
    from {{ ref('int_usage_positions') }} as positions
    inner join counter_rules on positions.counter_rule_id = counter_rules.price_version_id
    inner join products on positions.product_number = products.product_number
    where
        not positions.is_late
        or (counter_rules.is_recurring and counter_rules.measure_aggregation in ('sum', 'count', 'weighted_sum'))
    order by
        products.account_id,
        case when counter_rules.is_shared then '' else products.product_id end,
        counter_rules.offering_id,
        counter_rules.price_id,
        positions.is_late,
        positions.event_at desc,
        positions.event_key desc

),

charged as (

    select
        charges.account_id,
        case when counter_rules.is_shared then '' else charges.product_id end as product_id,
        charges.offering_id,
        charges.price_id,
        sum({{ minor_to_major(round_to_minor('charges.amount_exact', 'currencies.minor_digits'), 'currencies.minor_digits') }}) as charged_exact
    from {{ ref('int_charges_adjusted') }} as charges
    inner join counter_rules on charges.price_version_id = counter_rules.price_version_id
    inner join {{ ref('stg_catalog__currencies') }} as currencies on charges.price_currency_code = currencies.currency_code
    where
        not charges.is_late
        and not counter_rules.is_recurring
    group by 1, 2, 3, 4

),

counters as (

    select account_id, product_id, offering_id, price_id from opened
    union
    select account_id, product_id, offering_id, price_id from added
    union
    select account_id, product_id, offering_id, price_id from last_positions
    union
    select account_id, product_id, offering_id, price_id from charged

),

rules as (

    select distinct
        offering_id,
        price_id,
        currency_code,
        counter,
        measure_aggregation,
        is_recurring,
        quantity_scale
    from counter_rules

)

select
    counters.account_id,
    counters.product_id,
    counters.offering_id,
    counters.price_id,
    rules.currency_code,
    case when rules.is_recurring then account_windows.period_end_date else {{ counter_start('rules', 'account_windows') }} end as counter_start,
    {{ counter_until('rules', 'account_windows') }} as counter_until,
    -- Values that are held are balances of their own.
    case
        when rules.measure_aggregation = 'unique_count' then 0
        when positions.closing_units is not null then {{ units_to_quantity('positions.closing_units', 'rules.quantity_scale') }}
        else coalesce(opened.quantity, 0) + {{ units_to_quantity('coalesce(added.added_units, 0)', 'rules.quantity_scale') }}
    end + {{ units_to_quantity('coalesce(late_positions.closing_units, 0)', 'rules.quantity_scale') }} as quantity,
    case
        when positions.closing_units is not null then {{ units_to_quantity('positions.closing_highest_units', 'rules.quantity_scale') }}
        else opened.highest_quantity
    end as highest_quantity,
    coalesce({{ units_to_quantity('positions.closing_free_units', 'rules.quantity_scale') }}, opened.free_quantity, 0) as free_quantity,
    coalesce(positions.closing_event_count, opened.event_count, 0) as event_count,
    coalesce(opened.amount_billed, 0) + coalesce(charged.charged_exact, 0) as amount_billed
from counters
inner join account_windows on counters.account_id = account_windows.account_id
inner join rules on counters.offering_id = rules.offering_id and counters.price_id = rules.price_id
{%- for relation, condition in (
    ('opened', ''), ('added', ''), ('charged', ''),
    ('last_positions as positions', ' and not positions.is_late'),
    ('last_positions as late_positions', ' and late_positions.is_late'),
) %}
{%- set name = relation.split(' ')[-1] %}
left join {{ relation }}
    on
        counters.account_id = {{ name }}.account_id
        and counters.product_id = {{ name }}.product_id
        and counters.offering_id = {{ name }}.offering_id
        and counters.price_id = {{ name }}.price_id{{ condition }}
{%- endfor %}
