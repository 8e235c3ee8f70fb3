{{ config(materialized='table', post_hook='analyze {{ this }} (account_id, product_number, price_version_id, price_kind, tariff_number)') }}

{#
    The cycles of fees that are due in the account's period, each cut to the piece that a product's span covers.

    Charged in advance, a piece belongs to the bill of the period in which it starts; in arrears, to that in which it ends.
    What earlier bills have charged already is no part of it: the piece starts where the fee is paid until.
#}

with

offerings as (

    select * from {{ ref('stg_catalog__offerings') }}

),

fee_cycles as (

    select * from {{ ref('int_fee_cycles') }}

),

prices as (

    select * from {{ ref('stg_catalog__prices') }}

),

fees_paid as (

    select * from {{ ref('int_fees_paid') }}

),

paid_until as (

    select
        fee_cycles.product_number,
        fee_cycles.price_version_id,
        fee_cycles.covered_from,
        fee_cycles.cycle_from,
        max(fees_paid.covered_until) as paid_until
    from fees_paid
    inner join prices
        on
            fees_paid.offering_id = prices.offering_id
            and fees_paid.price_id = prices.price_id
    inner join fee_cycles
        on
            fees_paid.account_id = fee_cycles.account_id
            and fees_paid.product_id = fee_cycles.product_id
            and prices.price_version_id = fee_cycles.price_version_id
            and fees_paid.covered_from < fee_cycles.piece_until
            and fees_paid.covered_until > fee_cycles.piece_from
    group by fee_cycles.product_number, fee_cycles.price_version_id, fee_cycles.covered_from, fee_cycles.cycle_from

),

unpaid_cycles as (

    select
        fee_cycles.*,
        paid_until.paid_until,
        greatest(fee_cycles.piece_from, paid_until.paid_until) as unpaid_from,
        cast(paid_until.paid_until at time zone fee_cycles.time_zone as date) as paid_until_date
    from fee_cycles
    left join paid_until
        on
            fee_cycles.product_number = paid_until.product_number
            and fee_cycles.price_version_id = paid_until.price_version_id
            and fee_cycles.covered_from = paid_until.covered_from
            and fee_cycles.cycle_from = paid_until.cycle_from

),

cycles_with_trial as (

    select
        unpaid_cycles.*,
        case when unpaid_cycles.trial_applies then unpaid_cycles.product_start_date + offerings.trial_days end as trial_until_date,
        greatest(unpaid_cycles.from_date, unpaid_cycles.cycle_from_date, unpaid_cycles.paid_until_date) as piece_from_date,
        least(unpaid_cycles.until_date, unpaid_cycles.cycle_until_date) as piece_until_date
    from unpaid_cycles
    left join offerings on unpaid_cycles.offering_id = offerings.offering_id

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
        when charged = 'in_advance' then unpaid_from >= period_start and unpaid_from < period_end
        else piece_until > period_start and piece_until <= period_end
    end
    and case
        when is_prorated then case when counts_seconds then piece_until > unpaid_from else piece_until_date > piece_from_date end
        -- A fee that is not prorated is charged whole and once for a cycle, by what is in force first.
        else number_in_cycle = 1 and paid_until is null
    end
