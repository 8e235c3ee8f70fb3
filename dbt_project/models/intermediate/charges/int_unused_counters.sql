{{ config(materialized='table', post_hook='analyze {{ this }}') }}

{#
    T(0) of every counter that a product has in its account's period, where the book charges the first flat amount of an unused
    product. Events cost T(after) - T(before), so they never contain it.
#}

with

products as (

    select * from {{ ref('int_products_dated') }}
    where is_in_scope

),

account_windows as (

    select * from {{ ref('int_account_windows') }}

),

openings as (

    select * from {{ ref('int_counter_openings') }}

),

offering_prices as (

    select * from {{ ref('int_offering_prices') }}
    where price_kind = 'usage'

),

price_overrides as (

    select * from {{ ref('int_price_overrides_in_force') }}

),

agreement_matches as (

    select * from {{ ref('int_agreement_matches') }}

),

-- Few prices have any: everything below starts from their tariffs.
charged_tariffs as (

    select
        tariffs.tariff_number,
        tariffs.price_version_id,
        tariffs.price_override_id,
        segments.base_exact
    from {{ ref('int_tariffs') }} as tariffs
    inner join {{ ref('int_tariff_segments') }} as segments on tariffs.tariff_number = segments.tariff_number
    where
        tariffs.unused <> 'nothing'
        and segments.from_units < 0
        and segments.until_units = 0
        and segments.base_exact <> 0

),

spans as (

    select
        products.product_number,
        products.class_number,
        offering_prices.charged_offering_id,
        offering_prices.price_id,
        offering_prices.price_version_id,
        greatest(products.effective_from, offering_prices.effective_from, account_windows.period_start) as span_from,
        least(products.effective_until, offering_prices.effective_until, account_windows.period_end) as span_until
    from products
    inner join account_windows on products.account_id = account_windows.account_id
    inner join offering_prices on products.offering_id = offering_prices.product_offering_id
    where offering_prices.price_version_id in (select charged_tariffs.price_version_id from charged_tariffs)

),

counters as (

    select
        spans.*,
        cast(null as integer) as price_override_id,
        spans.span_from as counter_from
    from spans
    where
        not exists (
            select 1
            from price_overrides
            where
                spans.product_number = price_overrides.product_number
                and spans.price_version_id = price_overrides.price_version_id
                and price_overrides.effective_from <= spans.span_from
                and price_overrides.effective_until >= spans.span_until
        )

    union all

    select
        spans.*,
        price_overrides.price_override_id,
        greatest(spans.span_from, price_overrides.effective_from) as counter_from
    from spans
    inner join price_overrides
        on
            spans.product_number = price_overrides.product_number
            and spans.price_version_id = price_overrides.price_version_id
            and price_overrides.effective_from < spans.span_until
            and price_overrides.effective_until > spans.span_from

)

-- A product that ends and comes back within the period has one counter, so it pays once.
select distinct on (counters.product_number, charged_tariffs.tariff_number)
    counters.product_number,
    counters.price_version_id,
    counters.price_override_id,
    agreement_matches.terms_id,
    charged_tariffs.base_exact as amount_exact
from counters
inner join charged_tariffs
    on
        counters.price_version_id = charged_tariffs.price_version_id
        and counters.price_override_id is not distinct from charged_tariffs.price_override_id
inner join agreement_matches
    on
        counters.class_number = agreement_matches.class_number
        and counters.charged_offering_id = agreement_matches.charged_offering_id
        and counters.price_id = agreement_matches.price_id
        and counters.counter_from >= agreement_matches.effective_from
        and counters.counter_from < agreement_matches.effective_until
where
    counters.span_from < counters.span_until
    and not exists (
        select 1
        from openings
        where
            counters.product_number = openings.product_number
            and charged_tariffs.tariff_number = openings.tariff_number
    )
order by counters.product_number, charged_tariffs.tariff_number, counters.counter_from
