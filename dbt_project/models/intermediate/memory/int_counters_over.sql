{#
    Counters that are over once this run is posted, with where they stand: those that end with the period, and earlier ones that late
    usage has moved. Only where the price of what comes late depends on it.
#}

with

counter_rules as (

    select * from {{ ref('int_counter_rules') }}
    where takes_usage_when_over

),

tariffs as (

    select
        tariffs.tariff_number,
        tariffs.price_version_id,
        tariffs.price_override_id,
        counter_rules.counter,
        counter_rules.is_positioned,
        counter_rules.is_shared,
        counter_rules.price_id,
        counter_rules.quantity_scale,
        prices.offering_id,
        prices.currency_code,
        {{ counter_version('counter_rules.counter', 'prices.effective_from', 'price_overrides.effective_from') }} as value
    from {{ ref('int_tariffs') }} as tariffs
    inner join counter_rules on tariffs.price_version_id = counter_rules.price_version_id
    inner join {{ ref('stg_catalog__prices') }} as prices on tariffs.price_version_id = prices.price_version_id
    left join {{ ref('stg_inbox__price_overrides') }} as price_overrides on tariffs.price_override_id = price_overrides.price_override_id
    where
        (
            counter_rules.measure_aggregation = 'max'
            or tariffs.tariff_number in ({{ tariffs_by_position() }})
        )
        and tariffs.price_version_id not in (select bands.price_version_id from {{ ref('stg_catalog__price_time_bands') }} as bands)

),

products as (

    select distinct
        product_number,
        product_id,
        account_id
    from {{ ref('int_products_dated') }}
    where is_in_scope

),

account_windows as (

    select * from {{ ref('int_account_windows') }}

),

openings as (

    select * from {{ ref('int_counter_openings') }}

),

-- Counters of the period: most of them add up, so that lines say where they end.
added as (

    select
        usage_lines.product_number,
        tariffs.tariff_number,
        sum(usage_lines.quantity_units - usage_lines.allowance_units) + coalesce(max(openings.opening_units), 0) as closing_units
    from {{ ref('int_usage_lines') }} as usage_lines
    inner join tariffs
        on
            usage_lines.price_version_id = tariffs.price_version_id
            and usage_lines.price_override_id is not distinct from tariffs.price_override_id
    left join openings
        on
            usage_lines.product_number = openings.product_number
            and tariffs.tariff_number = openings.tariff_number
    where tariffs.counter = 'period' and not tariffs.is_positioned and not usage_lines.is_late
    group by usage_lines.product_number, tariffs.tariff_number

),

last_positions as (

    select distinct on (case when tariffs.is_shared then products.account_id else products.product_id end, positions.tariff_number)
        positions.product_number,
        positions.tariff_number,
        positions.closing_units
    from {{ ref('int_usage_positions') }} as positions
    inner join tariffs on positions.tariff_number = tariffs.tariff_number
    inner join products on positions.product_number = products.product_number
    where tariffs.counter = 'period' and not positions.is_late
    order by
        case when tariffs.is_shared then products.account_id else products.product_id end, positions.tariff_number,
        positions.event_at desc, positions.event_key desc

),

of_periods as (

    select * from added
    union all
    select * from last_positions

)

select
    products.account_id,
    case when tariffs.is_shared then '' else products.product_id end as product_id,
    tariffs.offering_id,
    tariffs.price_id,
    tariffs.currency_code,
    tariffs.value,
    account_windows.period_start_date as counter_start,
    account_windows.period_end_date as counter_until,
    {{ units_to_quantity('sum(of_periods.closing_units)', 'tariffs.quantity_scale') }} as quantity
from of_periods
inner join tariffs on of_periods.tariff_number = tariffs.tariff_number
inner join products on of_periods.product_number = products.product_number
inner join account_windows on products.account_id = account_windows.account_id
group by 1, 2, 3, 4, 5, 6, 7, 8, tariffs.quantity_scale
having sum(of_periods.closing_units) <> 0

union all

-- Of a month, quarter or year that ends with the period.
select
    closings.account_id, closings.product_id, closings.offering_id, closings.price_id, closings.currency_code, '',
    closings.counter_start, closings.counter_until, closings.quantity
from {{ ref('int_counter_closings') }} as closings
inner join account_windows on closings.account_id = account_windows.account_id
where
    closings.counter_until <= account_windows.period_end_date
    and closings.quantity <> 0
    and (closings.offering_id, closings.price_id) in (select tariffs.offering_id, tariffs.price_id from tariffs)

union all

-- Moved by late usage, to nothing as well: that hides what was there before.
select
    account_id, product_id, offering_id, price_id, currency_code, value, counter_start, counter_until,
    {{ units_to_quantity('max(opening_units) + sum(moved_units)', 'quantity_scale') }}
from {{ ref('int_late_usage') }}
group by account_id, product_id, offering_id, price_id, currency_code, value, counter_start, counter_until, quantity_scale
