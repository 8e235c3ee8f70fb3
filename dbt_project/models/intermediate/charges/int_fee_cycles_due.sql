{#
    The cycles of fees that are due in the account's period, each cut to the piece that a product's span covers.

    Charged in advance, a piece belongs to the bill of the period in which it starts; in arrears, to that in which it ends.
#}

with

offerings as (

    select * from {{ ref('stg_catalog__offerings') }}

),

fee_cycles as (

    select * from {{ ref('int_fee_cycles') }}

),

cycles_with_trial as (

    select
        fee_cycles.*,
        case when fee_cycles.trial_applies then fee_cycles.product_start_date + offerings.trial_days end as trial_until_date,
        greatest(fee_cycles.from_date, fee_cycles.cycle_from_date) as piece_from_date,
        least(fee_cycles.until_date, fee_cycles.cycle_until_date) as piece_until_date
    from fee_cycles
    left join offerings on fee_cycles.offering_id = offerings.offering_id

),

numbered as (

    select
        *,
        greatest(piece_from_date, trial_until_date) as charged_from_date,
        row_number() over (
            partition by product_id, offering_id, price_id, cycle_from order by piece_from
        ) as number_in_cycle,
        -- A fee that is not prorated is free only when the trial lasts to the end of what is covered.
        coalesce(trial_until_date < max(piece_until_date) over (
            partition by product_id, offering_id, price_id, cycle_from
        ), true) as is_past_trial
    from cycles_with_trial

)

select *
from numbered
where
    case
        when every_unit = 'bill_period' then true
        when charged = 'in_advance' then piece_from >= period_start and piece_from < period_end
        else piece_until > period_start and piece_until <= period_end
    end
    and case
        when is_prorated then counts_seconds or piece_until_date > piece_from_date
        -- A fee that is not prorated is charged whole and once for a cycle, by what is in force first.
        else number_in_cycle = 1
    end
