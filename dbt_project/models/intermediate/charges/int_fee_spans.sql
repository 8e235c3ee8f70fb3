{{ config(materialized='table', post_hook='analyze {{ this }} (account_id, product_number, price_version_id, price_kind, tariff_number)') }}

{#
    Recurring and one-time prices of the products in scope, cut wherever the product record, the price version or the personalised
    price changes. One row per product record, price version and span with one tariff that meets the account's period; spans reach
    beyond the period, because the cycles of a fee do.
#}

with

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

-- A bundle's fee is here once; its components come in when the rounded fee is split.
fees as (

    select distinct
        product_offering_id,
        bundle_offering_id,
        price_version_id,
        price_id,
        price_kind,
        currency_code,
        is_prorated,
        trial_applies,
        effective_from,
        coalesce(effective_until, {{ end_of_time() }}) as effective_until
    from {{ ref('int_offering_prices') }}
    where price_kind in ('recurring', 'one_time', 'minimum')

),

price_overrides as (

    select * from {{ ref('int_price_overrides_in_force') }}

),

book_tariffs as (

    select * from {{ ref('int_tariffs') }}
    where price_override_id is null

),

fee_parts as (

    select
        products.product_number,
        products.class_number,
        products.product_id,
        products.account_id,
        products.offering_id,
        products.seller_party_id,
        products.product_starts_at,
        products.offering_starts_at,
        products.product_ends_at,
        products.early_end_at,
        products.term_ends_at,
        account_windows.period_start,
        account_windows.period_end,
        fees.bundle_offering_id,
        fees.price_version_id,
        fees.price_id,
        fees.price_kind,
        fees.currency_code,
        fees.is_prorated,
        fees.trial_applies,
        greatest(products.effective_from, fees.effective_from) as part_from,
        least(products.effective_until, fees.effective_until) as part_until
    from products
    inner join account_windows on products.account_id = account_windows.account_id
    inner join fees on products.offering_id = fees.product_offering_id
    where
        greatest(products.effective_from, fees.effective_from, account_windows.period_start)
        < least(products.effective_until, fees.effective_until, account_windows.period_end)

),

boundaries as (

    select product_number, price_version_id, part_from, part_from as boundary_at from fee_parts

    union

    select fee_parts.product_number, fee_parts.price_version_id, fee_parts.part_from, edges.boundary_at
    from fee_parts
    inner join (
        select product_number, price_version_id, effective_from as boundary_at from price_overrides
        union
        select product_number, price_version_id, effective_until as boundary_at from price_overrides
    ) as edges
        on
            fee_parts.product_number = edges.product_number
            and fee_parts.price_version_id = edges.price_version_id
            and edges.boundary_at > fee_parts.part_from
            and edges.boundary_at < fee_parts.part_until

),

spans as (

    select
        fee_parts.*,
        boundaries.boundary_at as covered_from,
        coalesce(
            lead(boundaries.boundary_at) over (
                partition by fee_parts.product_number, fee_parts.price_version_id, fee_parts.part_from
                order by boundaries.boundary_at
            ),
            fee_parts.part_until
        ) as covered_until
    from fee_parts
    inner join boundaries
        on
            fee_parts.product_number = boundaries.product_number
            and fee_parts.price_version_id = boundaries.price_version_id
            and fee_parts.part_from = boundaries.part_from

)

select
    spans.product_number,
    spans.class_number,
    spans.product_id,
    spans.account_id,
    spans.offering_id,
    spans.seller_party_id,
    spans.product_starts_at,
    spans.offering_starts_at,
    spans.product_ends_at,
    spans.early_end_at,
    spans.term_ends_at,
    spans.bundle_offering_id,
    spans.price_version_id,
    spans.price_id,
    spans.price_kind,
    spans.currency_code,
    spans.is_prorated,
    spans.trial_applies,
    price_overrides.price_override_id,
    coalesce(price_overrides.tariff_number, book_tariffs.tariff_number) as tariff_number,
    spans.covered_from,
    spans.covered_until
from spans
inner join book_tariffs on spans.price_version_id = book_tariffs.price_version_id
left join price_overrides
    on
        spans.product_number = price_overrides.product_number
        and spans.price_version_id = price_overrides.price_version_id
        and spans.covered_from >= price_overrides.effective_from
        and spans.covered_from < price_overrides.effective_until
where
    spans.covered_from < spans.period_end
    and spans.covered_until > spans.period_start
