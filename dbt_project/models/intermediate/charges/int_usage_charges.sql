{{ config(materialized='table', post_hook='analyze {{ this }} (account_id, offering_id, price_version_id, terms_id)') }}

{# Usage lines with the span they cover and quantities in the unit people read. #}

with

rated_and_unused as (

    select * from {{ ref('int_usage_lines') }}

    union all

    select
        product_number,
        price_version_id,
        price_override_id,
        terms_id,
        false as is_late,
        null as first_event_at,
        0 as event_count,
        0 as quantity_units,
        0 as allowance_units,
        amount_exact
    from {{ ref('int_usage_openings') }}

),

usage_lines as (

    select
        product_number,
        price_version_id,
        price_override_id,
        terms_id,
        is_late,
        min(first_event_at) as first_event_at,
        cast(sum(event_count) as bigint) as event_count,
        sum(quantity_units) as quantity_units,
        sum(allowance_units) as allowance_units,
        sum(amount_exact) as amount_exact
    from rated_and_unused
    group by
        product_number,
        price_version_id,
        price_override_id,
        terms_id,
        is_late

),

offering_prices as (

    select * from {{ ref('int_offering_prices') }}

),

products as (

    select distinct
        product_number,
        product_id,
        account_id,
        offering_id,
        seller_party_id
    from {{ ref('int_products_dated') }}
    where is_in_scope

),

tariffs as (

    select * from {{ ref('int_tariffs') }}
    where price_override_id is null

),

account_windows as (

    select * from {{ ref('int_account_windows') }}

)

select
    products.account_id,
    products.product_id,
    usage_lines.product_number,
    offering_prices.charged_offering_id as offering_id,
    offering_prices.bundle_offering_id,
    offering_prices.price_id,
    usage_lines.price_version_id,
    usage_lines.price_override_id,
    offering_prices.price_kind as charge_kind,
    products.seller_party_id,
    usage_lines.terms_id,
    case
        when usage_lines.is_late then usage_lines.first_event_at
        else greatest(account_windows.period_start, offering_prices.effective_from)
    end as covered_from,
    case
        when usage_lines.is_late then account_windows.period_start
        else least(account_windows.period_end, offering_prices.effective_until)
    end as covered_until,
    usage_lines.is_late,
    usage_lines.event_count,
    {{ ratio_round('usage_lines.quantity_units - usage_lines.allowance_units', power_of_ten('tariffs.quantity_scale'), 6) }} as billed_quantity,
    {{ ratio_round('usage_lines.allowance_units', power_of_ten('tariffs.quantity_scale'), 6) }} as allowance_quantity,
    cast(1 as numeric(18, 10)) as period_factor,
    offering_prices.currency_code as price_currency_code,
    usage_lines.amount_exact
from usage_lines
inner join products on usage_lines.product_number = products.product_number
inner join account_windows on products.account_id = account_windows.account_id
inner join offering_prices
    on
        products.offering_id = offering_prices.product_offering_id
        and usage_lines.price_version_id = offering_prices.price_version_id
inner join tariffs on usage_lines.price_version_id = tariffs.price_version_id
