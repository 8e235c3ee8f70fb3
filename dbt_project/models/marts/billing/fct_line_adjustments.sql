{# Each step from a line's price before discounts to what is billed, in the bill's currency so that the steps add up. #}

with

lines as (

    select * from {{ ref('fct_applied_billing_rates') }}

),

line_adjustments as (

    select * from {{ ref('int_line_adjustments') }}

),

currencies as (

    select * from {{ ref('stg_catalog__currencies') }}

),

steps as (

    select
        lines.bill_run_id,
        line_adjustments.line_key,
        line_adjustments.adjustment_number,
        line_adjustments.adjustment_id,
        line_adjustments.kind,
        line_adjustments.borne_by,
        line_adjustments.price_currency_code,
        line_adjustments.amount_exact,
        lines.currency_code,
        lines.amount_minor - lines.before_discount_minor as total_minor,
        cast(line_adjustments.amount_exact * lines.fx_rate * {{ minor_units_per_major('currencies.minor_digits') }} as numeric(38, 16)) as part_exact_minor
    from line_adjustments
    inner join lines on line_adjustments.line_key = lines.line_key
    inner join currencies on lines.currency_code = currencies.currency_code

)

select
    bill_run_id,
    line_key,
    adjustment_number,
    adjustment_id,
    kind,
    borne_by,
    cast(0 as numeric(38, 6)) as quantity,
    price_currency_code,
    amount_exact,
    currency_code,
    {{ split_amount('part_exact_minor', 'total_minor', 'line_key', 'adjustment_number') }} as amount_minor
from steps
