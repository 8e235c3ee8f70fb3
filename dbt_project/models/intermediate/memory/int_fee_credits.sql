{{ config(materialized='table', post_hook='analyze {{ this }}') }}

{#
    The unused part of fees that earlier bills charged: from the day on which the product, or its plan, ended to the day until which
    the fee is paid. It is that part of what was billed, counted as the price's proration counts, and never more than was billed. A fee
    that is not prorated is not given back. One row per fee that ended by the end of the period.
#}

with

fees_paid as (

    select * from {{ ref('int_fees_paid') }}

),

account_windows as (

    select * from {{ ref('int_account_windows') }}

),

products as (

    select
        *,
        max(effective_until) over (partition by product_id) as product_ends_at
    from {{ ref('int_products_dated') }}
    where is_in_scope

),

prices as (

    select distinct
        product_offering_id,
        offering_id,
        bundle_offering_id,
        price_id,
        price_version_id,
        is_prorated,
        effective_from,
        coalesce(effective_until, {{ end_of_time() }}) as effective_until
    from {{ ref('int_offering_prices') }}
    where price_kind = 'recurring'

),

fee_cycles as (

    select * from {{ ref('stg_catalog__price_fee_cycles') }}

),

-- The record of the product that used the fee last: later records of the same plan go on using it.
used as (

    select distinct on (fees_paid.account_id, fees_paid.product_id, fees_paid.offering_id, fees_paid.price_id, fees_paid.covered_from)
        fees_paid.*,
        account_windows.time_zone,
        account_windows.period_end,
        products.product_number,
        products.class_number,
        products.offering_id as product_offering_id,
        products.seller_party_id,
        products.product_ends_at,
        greatest(least(products.effective_until, fees_paid.covered_until), fees_paid.covered_from) as used_until
    from fees_paid
    inner join account_windows on fees_paid.account_id = account_windows.account_id
    inner join products
        on
            fees_paid.account_id = products.account_id
            and fees_paid.product_id = products.product_id
            and fees_paid.covered_until > products.effective_from
    where
        exists (
            select 1
            from prices
            where
                prices.product_offering_id = products.offering_id
                and prices.offering_id = fees_paid.offering_id
                and prices.price_id = fees_paid.price_id
        )
    order by
        fees_paid.account_id,
        fees_paid.product_id,
        fees_paid.offering_id,
        fees_paid.price_id,
        fees_paid.covered_from,
        products.effective_until desc

),

ended as (

    select
        used.*,
        prices.bundle_offering_id,
        prices.price_version_id,
        fee_cycles.counts_seconds,
        fee_cycles.divisor,
        fee_cycles.factor_decimals,
        cast(used.covered_from at time zone used.time_zone as date) as covered_from_date,
        cast(used.covered_until at time zone used.time_zone as date) as covered_until_date,
        -- The last day is the product's when it is charged; a day on which another plan follows belongs to that plan.
        case
            when fee_cycles.charges_last_day and used.used_until = used.product_ends_at
                then cast((used.used_until - interval '1 microsecond') at time zone used.time_zone as date) + 1
            else cast(used.used_until at time zone used.time_zone as date)
        end as unused_from_date
    from used
    inner join prices
        on
            used.product_offering_id = prices.product_offering_id
            and used.offering_id = prices.offering_id
            and used.price_id = prices.price_id
            and used.used_until > prices.effective_from
            and used.used_until <= prices.effective_until
    inner join fee_cycles on prices.price_version_id = fee_cycles.price_version_id
    where
        prices.is_prorated
        and used.used_until < used.covered_until
        and used.used_until <= used.period_end

),

counted as (

    select
        *,
        cast(case
            when counts_seconds then {{ microseconds_between('used_until', 'covered_until') }}
            when divisor = 'thirty_days' then {{ days_of_thirty('unused_from_date', 'covered_until_date') }}
            else covered_until_date - unused_from_date
        end as bigint) as unused_count,
        cast(case
            when counts_seconds then {{ microseconds_between('covered_from', 'covered_until') }}
            when divisor = 'thirty_days' then {{ days_of_thirty('covered_from_date', 'covered_until_date') }}
            else covered_until_date - covered_from_date
        end as bigint) as paid_count
    from ended

),

with_factor as (

    select
        *,
        case
            when factor_decimals is not null
                then {{ ratio_rounded_to('greatest(least(unused_count, paid_count), 0)', 'paid_count', 'factor_decimals') }}
        end as rounded_factor
    from counted
    where paid_count > 0

)

select
    account_id,
    product_id,
    product_number,
    class_number,
    product_offering_id,
    bundle_offering_id,
    offering_id,
    price_id,
    price_version_id,
    seller_party_id,
    currency_code,
    covered_from as paid_from,
    used_until as covered_from,
    covered_until,
    - cast(coalesce(
        rounded_factor, {{ ratio_round('greatest(least(unused_count, paid_count), 0)', 'paid_count', 10) }}
    ) as numeric(18, 10)) as period_factor,
    - cast(coalesce(
        rounded_factor * amount_billed,
        {{ ratio_round('greatest(least(unused_count, paid_count), 0) * amount_billed', 'paid_count', 16) }}
    ) as numeric(38, 16)) as amount_exact
from with_factor
