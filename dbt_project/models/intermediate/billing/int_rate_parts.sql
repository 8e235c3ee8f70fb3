{# The ordered parts of every billed line, before its adjustments: the cycles of a fee, the tiers of usage, or the line as a whole. #}

with

lines as (

    select * from {{ ref('fct_applied_billing_rates') }}

),

fees as (

    select * from {{ ref('int_fee_parts') }}

),

-- A component's line of a bundle is a part of the bundle's rounded fee, not of its cycles.
fee_parts as (

    select
        lines.bill_run_id,
        lines.line_key,
        fees.part_number,
        fees.part_kind,
        fees.covered_from,
        fees.covered_until,
        fees.period_factor,
        fees.amount_exact
    from lines
    inner join fees
        on
            lines.product_number = fees.product_number
            and lines.price_version_id = fees.price_version_id
            and lines.price_override_id is not distinct from fees.price_override_id
            and fees.covered_from >= lines.covered_from
            and fees.covered_until <= lines.covered_until
    where
        lines.bundle_offering_id is null
        and lines.charge_kind in ('recurring', 'one_time')
        and lines.period_factor >= 0

    union all

    -- What is given back of a fee that an earlier bill charged.
    select
        lines.bill_run_id,
        lines.line_key,
        1,
        'unused',
        credits.covered_from,
        credits.covered_until,
        credits.period_factor,
        credits.amount_exact
    from lines
    inner join {{ ref('int_fee_credits') }} as credits
        on
            lines.product_number = credits.product_number
            and lines.price_version_id = credits.price_version_id
            and lines.covered_from = credits.covered_from
            and lines.covered_until = credits.covered_until
    where
        lines.bundle_offering_id is null
        and lines.period_factor < 0

),

charges as (

    select * from {{ ref('int_charges_adjusted') }}

),

usage_parts as (

    select
        lines.bill_run_id,
        usage_of_lines.*,
        lines.covered_from,
        lines.covered_until,
        lines.period_factor,
        lines.price_currency_code
    from lines
    inner join {{ ref('int_usage_parts') }} as usage_of_lines on lines.line_key = usage_of_lines.line_key

),

whole_lines as (

    select
        lines.*,
        charges.before_discount_exact
    from lines
    inner join charges on lines.line_key = charges.line_key
    left join fee_parts on lines.line_key = fee_parts.line_key and fee_parts.part_number = 1
    left join usage_parts on lines.line_key = usage_parts.line_key and usage_parts.part_number = 1
    where fee_parts.line_key is null and usage_parts.line_key is null

)

select
    fee_parts.bill_run_id,
    fee_parts.line_key,
    fee_parts.part_number,
    fee_parts.part_kind,
    cast(null as integer) as tier_number,
    fee_parts.covered_from,
    fee_parts.covered_until,
    cast(1 as numeric(38, 6)) as quantity,
    fee_parts.period_factor,
    lines.price_currency_code,
    fee_parts.amount_exact,
    cast(null as numeric(38, 6)) as charged_until_quantity
from fee_parts
inner join lines on fee_parts.line_key = lines.line_key

union all

select
    bill_run_id,
    line_key,
    part_number,
    part_kind,
    tier_number,
    covered_from,
    covered_until,
    quantity,
    period_factor,
    price_currency_code,
    amount_exact,
    charged_until_quantity
from usage_parts

union all

select
    bill_run_id,
    line_key,
    1 as part_number,
    'line' as part_kind,
    cast(null as integer) as tier_number,
    covered_from,
    covered_until,
    billed_quantity as quantity,
    period_factor,
    price_currency_code,
    before_discount_exact as amount_exact,
    cast(null as numeric(38, 6)) as charged_until_quantity
from whole_lines
