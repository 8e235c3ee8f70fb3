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

price_steps as (

    select
        line_adjustments.line_key,
        1 as step_group,
        line_adjustments.adjustment_number as step_number,
        line_adjustments.adjustment_id,
        line_adjustments.kind,
        line_adjustments.borne_by,
        line_adjustments.price_currency_code,
        line_adjustments.amount_exact,
        cast(line_adjustments.amount_exact * lines.fx_rate * {{ minor_units_per_major('currencies.minor_digits') }} as numeric(38, 16)) as part_exact_minor
    from line_adjustments
    inner join lines on line_adjustments.line_key = lines.line_key
    inner join currencies on lines.currency_code = currencies.currency_code

),

account_credits as (

    select line_key, 2 as step_group, step_number, coupon_id as credit_id, 'coupon' as kind, borne_by, part_exact_minor
    from {{ ref('int_coupon_parts') }}
    where part_exact_minor > 0

    union all

    select line_key, 3, step_number, credit_id, 'credit', borne_by, cast(part_minor as numeric(38, 16))
    from {{ ref('int_credit_parts') }}

),

-- Coupons and credits are in the bill's currency.
account_steps as (

    select
        account_credits.line_key,
        account_credits.step_group,
        account_credits.step_number,
        account_credits.credit_id as adjustment_id,
        account_credits.kind,
        account_credits.borne_by,
        lines.currency_code as price_currency_code,
        cast(-{{ minor_to_major('account_credits.part_exact_minor', 'currencies.minor_digits') }} as numeric(38, 16)) as amount_exact,
        -account_credits.part_exact_minor as part_exact_minor
    from account_credits
    inner join lines on account_credits.line_key = lines.line_key
    inner join currencies on lines.currency_code = currencies.currency_code

),

steps as (

    select * from price_steps
    union all
    select * from account_steps

),

numbered as (

    select
        lines.bill_run_id,
        steps.line_key,
        cast(row_number() over (partition by steps.line_key order by steps.step_group, steps.step_number) as integer) as adjustment_number,
        steps.adjustment_id,
        steps.kind,
        steps.borne_by,
        steps.price_currency_code,
        steps.amount_exact,
        lines.currency_code,
        lines.amount_minor - lines.before_discount_minor as total_minor,
        -- Of a price with tax the steps are of its gross, and are scaled to what the net lost.
        case
            when lines.is_tax_inclusive and sum(steps.part_exact_minor) over (partition by steps.line_key) < 0
                then cast({{ ratio_round(
                    '-steps.part_exact_minor * (lines.amount_minor - lines.before_discount_minor)',
                    '-sum(steps.part_exact_minor) over (partition by steps.line_key)'
                ) }} as numeric(38, 16))
            else steps.part_exact_minor
        end as part_exact_minor
    from steps
    inner join lines on steps.line_key = lines.line_key

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
from numbered
