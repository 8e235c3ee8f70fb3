{{ config(materialized='table', post_hook="analyze {{ this }}") }}

{#
    The adjustments of each line in their order, each from what the one before left: money of allowances pays first, by event
    (int_money_draws). Only the few lines that have any. A line that
    charges all that its counter holds, less earlier bills, is adjusted as a whole before these are taken off; of a line that
    charges what was added, a maximum leaves what earlier bills of the counter have not used up.
#}

with recursive

charges as (

    select * from {{ ref('int_charges_exact') }}
    where charge_kind <> 'minimum'

),

-- Prices of a group have no adjustments: the book's check refuses them.
price_adjustments as (

    select * from {{ ref('stg_catalog__price_adjustments') }}

),

money_draws as (

    select * from {{ ref('int_money_draws') }}

),

buckets as (

    select * from {{ ref('int_buckets') }}

),

-- What an allowance paid of a line, from all its buckets: late usage of several periods has several.
payments as (

    select
        charges.line_key,
        buckets.offering_id || '/' || buckets.allowance_id as adjustment_id,
        money_draws.pass_number,
        cast(sum(money_draws.paid_exact) as numeric(38, 16)) as paid_exact
    from money_draws
    inner join buckets on money_draws.bucket_number = buckets.bucket_number
    inner join charges
        on
            money_draws.product_number = charges.product_number
            and money_draws.price_version_id = charges.price_version_id
            and money_draws.price_override_id is not distinct from charges.price_override_id
            and money_draws.terms_id is not distinct from charges.terms_id
            and money_draws.is_late = charges.is_late
    group by charges.line_key, buckets.offering_id, buckets.allowance_id, money_draws.pass_number

),

line_rules as (

    select
        charges.line_key,
        0 as rule_group,
        payments.pass_number as rule_number,
        payments.adjustment_id,
        'allowance' as kind,
        cast(null as numeric(20, 10)) as percent,
        payments.paid_exact as amount,
        cast(null as numeric(20, 10)) as from_amount,
        false as is_prorated,
        'everyone' as borne_by
    from payments
    inner join charges on payments.line_key = charges.line_key

    union all

    select
        charges.line_key,
        1,
        price_adjustments.adjustment_number,
        price_adjustments.adjustment_id,
        price_adjustments.kind,
        price_adjustments.percent,
        price_adjustments.amount,
        price_adjustments.from_amount,
        price_adjustments.is_prorated,
        price_adjustments.borne_by
    from charges
    inner join price_adjustments
        on
            charges.price_version_id = price_adjustments.price_version_id
            and charges.covered_from >= price_adjustments.effective_from
            and charges.covered_from < price_adjustments.effective_until

),

openings as (

    select
        product_number,
        price_version_id,
        price_override_id,
        billed,
        billed_exact
    from {{ ref('int_counter_openings') }}
    where billed_exact <> 0 and not is_recurring

),

-- The part of its cycles that a fee is for, as an exact fraction; the components of a bundle have that of the whole.
fees as (

    select * from {{ ref('int_fees_exact') }}

),

due as (

    select
        charges.line_key,
        cast(
            charges.amount_exact + case when openings.billed = 'cumulative' then openings.billed_exact else 0 end as numeric(38, 16)
        ) as amount_exact,
        case when openings.billed <> 'cumulative' then openings.billed_exact else 0 end as charged_before_exact,
        coalesce(fees.factor_numerator, 1) as factor_numerator,
        coalesce(fees.factor_divisor, 1) as factor_divisor,
        charges.price_currency_code,
        line_rules.adjustment_id,
        line_rules.kind,
        line_rules.percent,
        line_rules.amount,
        line_rules.from_amount,
        line_rules.is_prorated,
        line_rules.borne_by,
        cast(row_number() over (
            partition by charges.line_key order by line_rules.rule_group, line_rules.rule_number, line_rules.adjustment_id
        ) as integer) as step_number
    from charges
    inner join line_rules on charges.line_key = line_rules.line_key
    left join openings
        on
            charges.product_number = openings.product_number
            and charges.price_version_id = openings.price_version_id
            and charges.price_override_id is not distinct from openings.price_override_id
            and not charges.is_late
    left join fees
        on
            case when line_rules.is_prorated then charges.product_number end = fees.product_number
            and charges.price_version_id = fees.price_version_id
            and charges.price_override_id is not distinct from fees.price_override_id
            and charges.covered_from = fees.covered_from
            and (charges.period_factor >= 0) = (fees.period_factor >= 0)
            and charges.charge_kind <> 'usage'

),

applied as (

    select
        line_key,
        step_number,
        amount_exact as before_exact,
        {{ line_adjustment('due.amount_exact', 'due') }} as adjustment_exact
    from due
    where step_number = 1

    union all

    select
        due.line_key,
        due.step_number,
        cast(applied.before_exact + applied.adjustment_exact as numeric(38, 16)),
        {{ line_adjustment('(applied.before_exact + applied.adjustment_exact)', 'due') }}
    from applied
    inner join due
        on
            applied.line_key = due.line_key
            and applied.step_number + 1 = due.step_number

)

select
    due.line_key,
    due.step_number as adjustment_number,
    due.adjustment_id,
    due.kind,
    due.borne_by,
    due.price_currency_code,
    applied.adjustment_exact as amount_exact
from applied
inner join due
    on
        applied.line_key = due.line_key
        and applied.step_number = due.step_number
where applied.adjustment_exact <> 0
