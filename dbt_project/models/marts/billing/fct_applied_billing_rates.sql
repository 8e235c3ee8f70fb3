{{ config(
    post_hook="analyze {{ this }}
        (line_key, account_id, product_id, offering_id, price_version_id, terms_id, currency_code, charge_kind, legal_entity_id, tax_category)",
) }}

{#
    Charge lines of bills, without tax. The gross of a price with tax is kept: three times 9.99 is 29.97, the tax is derived from
    that sum, and what is left is split over the lines, so that lines, tax and gross always add up.
#}

with

rounded_charges as (

    select * from {{ ref('int_charges_rounded') }}

),

coupon_lines as (

    select * from {{ ref('int_coupon_lines') }}

),

credit_lines as (

    select line_key, cast(sum(part_minor) as bigint) as credit_minor
    from {{ ref('int_credit_parts') }}
    group by line_key

),

-- Coupons and credits take from the rounded charge; of a price with tax that is its gross.
charges_left as (

    select
        rounded_charges.*,
        coalesce(coupon_lines.coupon_exact_minor, 0) as coupon_exact_minor,
        coalesce(coupon_lines.coupon_minor, 0) as coupon_minor,
        coalesce(credit_lines.credit_minor, 0) as credit_minor,
        rounded_charges.rounded_minor - coalesce(coupon_lines.coupon_minor, 0) - coalesce(credit_lines.credit_minor, 0) as left_minor
    from rounded_charges
    left join coupon_lines on rounded_charges.line_key = coupon_lines.line_key
    left join credit_lines on rounded_charges.line_key = credit_lines.line_key

),

charges as (

    select
        *,
        case
            when is_tax_inclusive
                then {{ ratio_round('cast(left_minor as numeric(38, 0)) * 100', '(100 + tax_rate_percent)', 16) }}
            else left_minor
        end as net_exact_minor
    from charges_left

),

-- What is taxed together: the lines of one rule, or each line by itself.
grouped as (

    select
        *,
        case when tax_rounding = 'per_line' or not is_tax_inclusive then line_number else 0 end as taxed_with
    from charges

),

with_totals as (

    select
        *,
        cast(sum(left_minor) over (
            partition by account_id, legal_entity_id, tax_category, is_tax_inclusive, taxed_with
        ) as bigint) as total_left_minor
    from grouped

),

with_net_totals as (

    select
        *,
        case
            when is_tax_inclusive
                then total_left_minor - cast({{ ratio_round(
                    'cast(total_left_minor as numeric(38, 0)) * tax_rate_percent', '(100 + tax_rate_percent)', 0
                ) }} as bigint)
            else total_left_minor
        end as total_net_minor
    from with_totals

),

with_net as (

    select
        *,
        {{ split_amount(
            'net_exact_minor',
            'total_net_minor',
            'account_id, legal_entity_id, tax_category, is_tax_inclusive, taxed_with',
            'line_number'
        ) }} as net_minor,
        case
            when is_tax_inclusive
                then cast({{ ratio_round('cast(before_discount_minor as numeric(38, 0)) * 100', '(100 + tax_rate_percent)', 0) }} as bigint)
            else before_discount_minor
        end as before_discount_net_minor
    from with_net_totals

)

select
    bill_run_id,
    period_id,
    line_key,
    account_id,
    product_id,
    product_number,
    offering_id,
    bundle_offering_id,
    price_id,
    price_version_id,
    price_override_id,
    charge_kind,
    service_kind,
    seller_party_id,
    terms_id,
    tax_category,
    legal_entity_id,
    covered_from,
    covered_until,
    is_late,
    event_count,
    billed_quantity,
    allowance_quantity,
    period_factor,
    price_currency_code,
    amount_exact,
    fx_source,
    fx_date,
    fx_rate,
    currency_code,
    net_minor as amount_minor,
    line_number,
    -- A line without adjustments has one net, whatever the split gave it.
    case when before_discount_minor = left_minor then net_minor else before_discount_net_minor end as list_minor,
    case when before_discount_minor = left_minor then net_minor else before_discount_net_minor end as before_discount_minor,
    is_tax_inclusive,
    case
        when is_tax_inclusive then left_minor - net_minor
        -- The operator that rounds tax once for the bill shows what a line adds to it.
        when tax_rounding = 'per_bill' then {{ round_to_minor('(charge_exact_minor - coupon_exact_minor - credit_minor) * tax_rate_percent * 0.01', 0) }}
        else {{ round_to_minor('net_minor * tax_rate_percent * 0.01', 0) }}
    end as tax_minor,
    cast(coupon_exact_minor as numeric(38, 16)) as coupon_exact_minor,
    coupon_minor,
    credit_minor,
    cast(carried_exact_minor as numeric(38, 16)) as carried_exact_minor
from with_net
