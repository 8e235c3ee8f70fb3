{{ config(
    materialized='table',
    pre_hook=sharing_session(),
    post_hook="analyze {{ this }}
        (line_key, account_id, product_number, offering_id, price_version_id, charge_kind, price_currency_code, legal_entity_id, tax_category)",
) }}

{#
    Charges after their adjustments, and what is missing to a minimum.

    A minimum is worked out like a fee, by its part of the cycle, and is rounded; the lines that count towards it are rounded as
    the bill rounds them; what is missing is the line, and there is none when nothing is. What earlier bills charged in its cycle
    counts too. Discounts come first, so a minimum is what is really paid. Of the prices of a group only the greatest is paid; the
    others stay as lines of 0 with their quantities.
#}

with

charges as (

    select * from {{ ref('int_charges_exact') }}

),

line_adjustments as (

    select * from {{ ref('int_line_adjustments') }}

),

price_groups as (

    select * from {{ ref('stg_catalog__price_groups') }}

),

line_roundings as (

    select * from {{ ref('stg_catalog__price_line_roundings') }}

),

minimum_counts as (

    select * from {{ ref('stg_catalog__minimum_counts') }}

),

currencies as (

    select * from {{ ref('stg_catalog__currencies') }}

),

minimums_so_far as (

    select * from {{ ref('int_minimums_so_far') }}
    where is_due

),

adjustments_by_line as (

    select
        line_key,
        cast(sum(amount_exact) as numeric(38, 16)) as adjustment_exact
    from line_adjustments
    group by line_key

),

discounted as (

    select
        charges.*,
        cast(charges.amount_exact + coalesce(adjustments_by_line.adjustment_exact, 0) as numeric(38, 16)) as discounted_exact,
        currencies.minor_digits,
        price_groups.price_group,
        line_roundings.rounding_method,
        line_roundings.rounding_decimals,
        row_number() over (
            partition by charges.product_id, charges.offering_id, price_groups.price_group, charges.is_late
            order by charges.amount_exact + coalesce(adjustments_by_line.adjustment_exact, 0) desc, charges.price_id, charges.line_key
        ) as place_in_group
    from charges
    left join adjustments_by_line on charges.line_key = adjustments_by_line.line_key
    left join currencies on charges.price_currency_code = currencies.currency_code
    left join price_groups on charges.price_version_id = price_groups.price_version_id
    left join line_roundings on charges.price_version_id = line_roundings.price_version_id

),

adjusted as (

    select
        *,
        case when price_group is null or place_in_group = 1 then {{ line_rounding('amount_exact') }} else 0 end as before_discount_exact,
        case when price_group is null or place_in_group = 1 then {{ line_rounding('discounted_exact') }} else 0 end as adjusted_exact
    from discounted

),

counted_lines as (

    select
        minimum_lines.line_key,
        sum({{ round_to_minor('counted.adjusted_exact', 'counted.minor_digits') }}) as counted_minor
    from adjusted as minimum_lines
    inner join adjusted as counted
        on
            minimum_lines.product_id = counted.product_id
            and minimum_lines.offering_id = counted.offering_id
            and minimum_lines.price_currency_code = counted.price_currency_code
    where
        minimum_lines.charge_kind = 'minimum'
        and counted.charge_kind <> 'minimum'
        and {{ counts_towards('minimum_lines.price_version_id', 'counted.price_id') }}
    group by minimum_lines.line_key

),

minimums as (

    select
        adjusted.line_key,
        adjusted.minor_digits,
        {{ round_to_minor('adjusted.adjusted_exact', 'adjusted.minor_digits') }} as minimum_minor,
        -- A price that changes within the period makes two lines; together they are one minimum.
        cast(sum({{ round_to_minor('adjusted.adjusted_exact', 'adjusted.minor_digits') }}) over (
            partition by adjusted.product_id, adjusted.offering_id, adjusted.price_id
            order by adjusted.covered_from, adjusted.line_key
            rows between unbounded preceding and current row
        ) as bigint) as minimum_until_here_minor,
        coalesce(counted_lines.counted_minor, 0) + {{ round_to_minor('coalesce(minimums_so_far.counted_before_exact, 0)', 'adjusted.minor_digits') }} as counted_minor
    from adjusted
    left join counted_lines on adjusted.line_key = counted_lines.line_key
    left join minimums_so_far
        on
            adjusted.account_id = minimums_so_far.account_id
            and adjusted.product_id = minimums_so_far.product_id
            and adjusted.offering_id = minimums_so_far.offering_id
            and adjusted.price_id = minimums_so_far.price_id
    where adjusted.charge_kind = 'minimum'

),

true_ups as (

    select
        line_key,
        {{ minor_to_major(
            '(greatest(minimum_until_here_minor - counted_minor, 0) - greatest(minimum_until_here_minor - minimum_minor - counted_minor, 0))',
            'minor_digits'
        ) }} as true_up_exact
    from minimums

)

select
    adjusted.line_key,
    adjusted.account_id,
    adjusted.product_id,
    adjusted.product_number,
    adjusted.offering_id,
    adjusted.bundle_offering_id,
    adjusted.price_id,
    adjusted.price_version_id,
    adjusted.price_override_id,
    adjusted.charge_kind,
    adjusted.service_kind,
    adjusted.seller_party_id,
    adjusted.terms_id,
    adjusted.tax_category,
    adjusted.legal_entity_id,
    adjusted.covered_from,
    adjusted.covered_until,
    adjusted.is_late,
    adjusted.event_count,
    adjusted.billed_quantity,
    adjusted.allowance_quantity,
    adjusted.period_factor,
    adjusted.price_currency_code,
    cast(coalesce(true_ups.true_up_exact, adjusted.before_discount_exact) as numeric(38, 16)) as before_discount_exact,
    cast(coalesce(true_ups.true_up_exact, adjusted.adjusted_exact) as numeric(38, 16)) as amount_exact
from adjusted
left join true_ups on adjusted.line_key = true_ups.line_key
where coalesce(true_ups.true_up_exact, 1) <> 0
