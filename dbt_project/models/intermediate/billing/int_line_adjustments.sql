{{ config(materialized='table', post_hook="analyze {{ this }}") }}

{#
    The adjustments of each line in their order, each from what the one before left. Only the few lines that have any. A line that
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

due as (

    select
        charges.line_key,
        cast(
            charges.amount_exact + case when openings.billed = 'cumulative' then openings.billed_exact else 0 end as numeric(38, 16)
        ) as amount_exact,
        case when openings.billed <> 'cumulative' then openings.billed_exact else 0 end as charged_before_exact,
        charges.period_factor,
        charges.price_currency_code,
        price_adjustments.adjustment_id,
        price_adjustments.kind,
        price_adjustments.percent,
        price_adjustments.amount,
        price_adjustments.from_amount,
        price_adjustments.is_prorated,
        price_adjustments.borne_by,
        cast(row_number() over (partition by charges.line_key order by price_adjustments.adjustment_number) as integer) as step_number
    from charges
    inner join price_adjustments
        on
            charges.price_version_id = price_adjustments.price_version_id
            and charges.covered_from >= price_adjustments.effective_from
            and charges.covered_from < price_adjustments.effective_until
    left join openings
        on
            charges.product_number = openings.product_number
            and charges.price_version_id = openings.price_version_id
            and charges.price_override_id is not distinct from openings.price_override_id
            and not charges.is_late

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
