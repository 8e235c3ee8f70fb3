{{ config(materialized='table', post_hook='analyze {{ this }} (account_id, product_number, offering_id, price_version_id, price_override_id)') }}

{# What fees cost before bundles are split: the parts of each product's span under one price, added up; and what is given back of
   fees that earlier bills charged. #}

with

fee_parts as (

    select * from {{ ref('int_fee_parts') }}

),

fee_spans as (

    select * from {{ ref('int_fee_spans') }}

),

lines as (

    select
        product_number,
        price_version_id,
        span_from,
        min(covered_from) as covered_from,
        max(covered_until) as covered_until,
        cast(sum(period_factor) as numeric(18, 10)) as period_factor,
        -- Cycles of different lengths have no divisor of their own: sixteen decimals then.
        cast(case
            when min(factor_divisor) = max(factor_divisor) then sum(factor_numerator)
            else sum({{ ratio_round('factor_numerator', 'factor_divisor', 16) }}) * {{ power_of_ten(16) }}
        end as numeric(38, 0)) as factor_numerator,
        cast(case
            when min(factor_divisor) = max(factor_divisor) then min(factor_divisor) else {{ power_of_ten(16) }}
        end as numeric(38, 0)) as factor_divisor,
        cast(sum(amount_exact) as numeric(38, 16)) as amount_exact
    from fee_parts
    group by product_number, price_version_id, span_from

)

select
    fee_spans.account_id,
    fee_spans.product_id,
    fee_spans.product_number,
    fee_spans.class_number,
    fee_spans.offering_id,
    fee_spans.bundle_offering_id,
    fee_spans.price_id,
    fee_spans.price_version_id,
    fee_spans.price_override_id,
    fee_spans.price_kind as charge_kind,
    fee_spans.seller_party_id,
    lines.covered_from,
    lines.covered_until,
    lines.period_factor,
    fee_spans.currency_code as price_currency_code,
    lines.amount_exact,
    lines.factor_numerator,
    lines.factor_divisor
from lines
inner join fee_spans
    on
        lines.product_number = fee_spans.product_number
        and lines.price_version_id = fee_spans.price_version_id
        and lines.span_from = fee_spans.covered_from

union all

select
    account_id,
    product_id,
    product_number,
    class_number,
    product_offering_id,
    bundle_offering_id,
    price_id,
    price_version_id,
    cast(null as integer),
    'recurring',
    seller_party_id,
    covered_from,
    covered_until,
    period_factor,
    currency_code,
    amount_exact,
    cast(period_factor * {{ power_of_ten(10) }} as numeric(38, 0)),
    cast({{ power_of_ten(10) }} as numeric(38, 0))
from {{ ref('int_fee_credits') }}
