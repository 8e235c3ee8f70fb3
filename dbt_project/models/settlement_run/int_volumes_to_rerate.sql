{{ config(materialized='ephemeral') }}

{#
    Lines of whole-volume tiers whose measurement goes on in this settlement period and was shared by more than one bill run: what the
    later ones added may have moved the earlier ones into another tier. One row per line and measured item. Where lines of several
    currencies are measured together, rates of several days have measured them, and none is measured again.
#}

with

run as (

    select * from {{ ref('int_run') }}

),

-- No row where no agreement has such tiers: then no share is read.
steps as (

    select steps.terms_id, steps.step_number, steps.measured_over, steps.currency_code, agreements.settlement_trigger
    from {{ source('catalog', 'agreement_steps') }} as steps
    inner join {{ source('catalog', 'agreements') }} as agreements on steps.agreement_version_id = agreements.agreement_version_id
    where steps.tier_mode = 'whole_volume' and agreements.settlement_trigger <> 'collected'

),

measured_lines as (

    select
        shares.bill_run_id,
        shares.line_key,
        shares.agreement_id,
        shares.item_id,
        shares.receiver_party_id,
        coalesce(steps.currency_code, shares.currency_code) as currency_code,
        coalesce(steps.currency_code, shares.currency_code) <> shares.currency_code as is_converted,
        steps.measured_over
    from {{ source('published', 'fct_revenue_shares') }} as shares
    cross join run
    inner join {{ source('control', 'bill_runs') }} as bill_runs
        on shares.bill_run_id = bill_runs.bill_run_id
        and bill_runs.lane = 'build'
        and bill_runs.state = 'posted'
        and bill_runs.period_end > run.period_first_date - interval '2 years'
    inner join steps
        on shares.terms_id = steps.terms_id
        and shares.step_number = steps.step_number
    inner join {{ source('published', 'fct_applied_billing_rates') }} as lines
        on shares.bill_run_id = lines.bill_run_id
        and shares.line_key = lines.line_key
    where
        shares.measured_exact is not null
        and exists (select 1 from steps)
        and date_trunc(
            steps.measured_over,
            cast(case steps.settlement_trigger
                when 'consumed' then lines.covered_from at time zone run.time_zone
                else bill_runs.period_end at time zone run.time_zone - interval '1 day'
            end as date)
        ) = date_trunc(steps.measured_over, run.period_last_date)

),

volumes as (

    select agreement_id, item_id, receiver_party_id, currency_code, measured_over
    from measured_lines
    group by agreement_id, item_id, receiver_party_id, currency_code, measured_over
    having count(distinct bill_run_id) > 1 and not bool_or(is_converted)

)

select measured_lines.*
from measured_lines
inner join volumes using (agreement_id, item_id, receiver_party_id, currency_code, measured_over)
