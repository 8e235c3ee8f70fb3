{{ config(materialized='table', post_hook='analyze {{ this }}') }}

{#
    Counters that are over and that late usage of this run moves all the same: which span of time each of them counts in, and where the
    account's posted runs left it, or another system, in whole units. One row per product, tariff and counter, and only of tariffs to
    which it matters.

    Periods of before are counted back by months. A counter without a balance starts at zero: nothing was used, or what was reached
    is not remembered.
#}

with

counter_rules as (

    select * from {{ ref('int_counter_rules') }}
    where counter in ('period', 'month', 'quarter', 'year') and not is_recurring

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

-- As many as usage can be late.
earlier_periods as (

    select
        account_windows.account_id,
        {{ months_before('account_windows.period_start_date', 'back.months') }} as period_start_date,
        {{ months_before('account_windows.period_start_date', '(back.months - 1)') }} as period_end_date,
        account_windows.time_zone
    from account_windows
    cross join generate_series(1, 5) as back (months)

),

late_usage as (

    select distinct
        late_events.product_number,
        late_events.price_version_id,
        late_events.tariff_number,
        products.product_id,
        earlier_periods.*
    from {{ ref('int_usage_exceptions') }} as late_events
    inner join products on late_events.product_number = products.product_number
    inner join earlier_periods
        on
            products.account_id = earlier_periods.account_id
            and late_events.event_at >= cast(earlier_periods.period_start_date as timestamp) at time zone earlier_periods.time_zone
            and late_events.event_at < cast(earlier_periods.period_end_date as timestamp) at time zone earlier_periods.time_zone
    where
        late_events.is_late
        and late_events.quantity_units is not null
        and late_events.span_number = 0
        and (
            late_events.counter_rule_id is not null
            or late_events.tariff_number in ({{ tariffs_by_position() }})
        )

),

counters as (

    select
        late_usage.product_number,
        late_usage.price_version_id,
        late_usage.tariff_number,
        late_usage.account_id,
        case when counter_rules.is_shared then '' else late_usage.product_id end as product_id,
        counter_rules.price_id,
        {{ counter_start('counter_rules', 'late_usage') }} as counter_start,
        {{ counter_until('counter_rules', 'late_usage') }} as counter_until,
        min(cast(late_usage.period_start_date as timestamp) at time zone late_usage.time_zone) as effective_from,
        max(cast(late_usage.period_end_date as timestamp) at time zone late_usage.time_zone) as effective_until,
        counter_rules.counter,
        counter_rules.is_positioned,
        counter_rules.quantity_scale,
        -- Tariffs of bands have no memory: one position would not say how much of it was in which band.
        bool_and(counter_rules.takes_usage_when_over and bands.price_version_id is null) as is_remembered
    from late_usage
    inner join counter_rules on late_usage.price_version_id = counter_rules.price_version_id
    inner join account_windows on late_usage.account_id = account_windows.account_id
    left join (select distinct price_version_id from {{ ref('stg_catalog__price_time_bands') }}) as bands
        on late_usage.price_version_id = bands.price_version_id
    where {{ counter_start('counter_rules', 'late_usage') }} < {{ counter_start('counter_rules', 'account_windows') }}
    group by 1, 2, 3, 4, 5, 6, 7, 8, counter_rules.counter, counter_rules.is_positioned, counter_rules.quantity_scale

),

versions as (

    select
        counters.*,
        prices.offering_id,
        prices.currency_code,
        tariffs.price_override_id,
        {{ counter_version('counters.counter', 'prices.effective_from', 'price_overrides.effective_from') }} as value
    from counters
    inner join {{ ref('stg_catalog__prices') }} as prices on counters.price_version_id = prices.price_version_id
    left join {{ ref('int_tariffs') }} as tariffs on counters.tariff_number = tariffs.tariff_number
    left join {{ ref('stg_inbox__price_overrides') }} as price_overrides on tariffs.price_override_id = price_overrides.price_override_id

),

-- What the run left that was posted last of those that have moved it.
left_by_bills as (

    select distinct on (balances.account_id, balances.product_id, balances.offering_id, balances.price_id, balances.counter_start, balances.value)
        balances.*
    from {{ source('published', 'fct_closing_balances') }} as balances
    inner join {{ source('control', 'bill_runs') }} as bill_runs on balances.bill_run_id = bill_runs.bill_run_id
    inner join account_windows on balances.account_id = account_windows.account_id
    where
        balances.balance_kind = 'ended'
        and balances.account_id in (select versions.account_id from versions where versions.is_remembered)
        and bill_runs.state = 'posted'
        and bill_runs.period_end > account_windows.usage_from
        and ('{{ target.schema }}' = 'build' or bill_runs.period_end <= account_windows.period_start)
    order by
        balances.account_id, balances.product_id, balances.offering_id, balances.price_id, balances.counter_start, balances.value,
        bill_runs.posted_at desc, bill_runs.bill_run_id desc

),

brought_in as (

    select
        product_id,
        price_id,
        counter_start,
        sum(quantity) as quantity
    from {{ ref('stg_inbox__opening_balances') }}
    group by product_id, price_id, counter_start

)

select
    versions.*,
    cast(dense_rank() over (order by versions.counter_start) as integer) as span_number,
    cast(floor(coalesce(
        case when versions.is_remembered then coalesce(left_by_bills.quantity, brought_in.quantity) end, 0
    ) * {{ power_of_ten('versions.quantity_scale') }}) as bigint) as opening_units
from versions
left join left_by_bills
    on
        versions.account_id = left_by_bills.account_id
        and versions.product_id = left_by_bills.product_id
        and versions.offering_id = left_by_bills.offering_id
        and versions.price_id = left_by_bills.price_id
        and versions.counter_start = left_by_bills.counter_start
        and versions.value = left_by_bills.value
left join brought_in
    on
        versions.product_id = brought_in.product_id
        and versions.price_id = brought_in.price_id
        and versions.counter_start = brought_in.counter_start
