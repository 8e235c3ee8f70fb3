{{ config(pre_hook=sharing_session(), meta={'small_models': 6}) }}

{# The parts of every billed line in order, with what the line's adjustments and then credits leave of each. #}

with

parts as (

    select * from {{ ref('int_rate_parts') }}

),

lines as (

    select * from {{ ref('fct_applied_billing_rates') }}

),

charges as (

    select * from {{ ref('int_charges_adjusted') }}

),

currencies as (

    select * from {{ ref('stg_catalog__currencies') }}

),

maxima as (

    select
        line_key,
        - sum(amount_exact) as maximum_exact
    from {{ ref('int_line_adjustments') }}
    where kind = 'maximum'
    group by line_key

),

adjusted_lines as (

    select distinct line_key
    from {{ ref('fct_line_adjustments') }}
    where kind <> 'credit'

),

-- What earlier bills charged is no part of what adjustments, and a line's own rounding, were applied to.
parts_in_order as (

    select
        parts.*,
        sum(parts.amount_exact) over (partition by parts.line_key) - charges.amount_exact as taken_off_exact,
        coalesce(maxima.maximum_exact, 0) as capped_exact,
        sum(case when parts.part_kind = 'billed_before' then 0 else parts.amount_exact end) over part_order as until_here_exact,
        sum(case when parts.part_kind = 'billed_before' then 0 else parts.amount_exact end) over (
            partition by parts.line_key
        ) as whole_exact,
        -- Credits pay the parts of a line in order; only where nothing else stands between the parts and what is billed.
        adjusted_lines.line_key is null and lines.currency_code = lines.price_currency_code as is_paid_in_order,
        cast({{ minor_to_major('lines.credit_minor', 'currencies.minor_digits') }} as numeric(38, 16)) as credit_exact,
        cast(sum(greatest(parts.amount_exact, 0)) over part_order as numeric(38, 16)) as amount_until_here_exact
    from parts
    inner join charges on parts.line_key = charges.line_key
    inner join lines on parts.line_key = lines.line_key
    inner join currencies on lines.currency_code = currencies.currency_code
    left join maxima on parts.line_key = maxima.line_key
    left join adjusted_lines on parts.line_key = adjusted_lines.line_key
    window part_order as (partition by parts.line_key order by parts.part_number rows between unbounded preceding and current row)

),

-- Discounts take from every part alike; a maximum leaves the first parts whole and ends where it is reached.
charged_parts as (

    select
        *,
        case
            when taken_off_exact = 0 or whole_exact = 0 then until_here_exact
            when whole_exact < 0
                then until_here_exact - {{ ratio_round('until_here_exact * (- taken_off_exact)', '(- whole_exact)', 16) }}
            else least(
                until_here_exact - {{ ratio_round('until_here_exact * (taken_off_exact - capped_exact)', 'whole_exact', 16) }},
                whole_exact - taken_off_exact
            )
        end as charged_until_here_exact
    from parts_in_order

)

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
    charged_until_quantity,
    cast(case
        when is_paid_in_order
            then
                amount_exact
                - least(greatest(amount_exact, 0), greatest(credit_exact - (amount_until_here_exact - greatest(amount_exact, 0)), 0))
    end as numeric(38, 16)) as left_to_pay_exact,
    cast(case
        when part_kind = 'billed_before' then amount_exact
        else charged_until_here_exact - coalesce(
            lag(charged_until_here_exact) over (partition by line_key order by part_number), 0
        )
    end as numeric(38, 16)) as charged_exact
from charged_parts
