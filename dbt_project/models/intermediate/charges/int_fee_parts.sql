{{ config(materialized='table', post_hook='analyze {{ this }}') }}

{#
    What fees cost, cycle by cycle: each cycle's part that a product's span covers, times what the span's price says.

    Charged in advance, a part belongs to the bill of the period in which it starts; in arrears, to that in which it ends.
    A part of a cycle costs the covered days (or seconds) over those of the divisor; a whole cycle costs the fee itself:

    divisor     cycle: the cycle as it is; stepping: one step back from the cycle's end, or on from its start, counted from that
                very day; thirty_days: months of 30 days, also when counting what is covered
#}

with

account_windows as (

    select * from {{ ref('int_account_windows') }}

),

offerings as (

    select * from {{ ref('stg_catalog__offerings') }}

),

segments as (

    select * from {{ ref('int_tariff_segments') }}

),

fee_spans as (

    select * from {{ ref('int_fee_spans') }}

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

),

due as (

    select *
    from numbered
    where
        case
            when every_unit = 'bill_period' then true
            when charged = 'in_advance' then piece_from >= period_start and piece_from < period_end
            else piece_until > period_start and piece_until <= period_end
        end
        and case
            when is_prorated then piece_until_date > piece_from_date
            -- A fee that is not prorated is charged whole and once for a cycle, by what is in force first.
            else number_in_cycle = 1
        end

),

counted as (

    select
        *,
        case
            when piece_from_date = cycle_from_date and piece_until_date = cycle_until_date then 'whole'
            when piece_until_date = cycle_until_date then 'leading'
            when piece_from_date = cycle_from_date then 'trailing'
            else 'inner'
        end as part_kind,
        cast(case
            when not is_prorated then (case when is_past_trial then 1 else 0 end)
            when charged_from_date >= piece_until_date then 0
            when charged_from_date = cycle_from_date and piece_until_date = cycle_until_date then 1
            when counts_seconds
                then {{ microseconds_between(
                    'greatest(piece_from, cast(trial_until_date as timestamp) at time zone time_zone)', 'piece_until'
                ) }}
            when divisor = 'thirty_days' then {{ days_of_thirty('charged_from_date', 'piece_until_date') }}
            else piece_until_date - charged_from_date
        end as bigint) as covered_count,
        cast(case
            when not is_prorated then 1
            when charged_from_date = cycle_from_date and piece_until_date = cycle_until_date then 1
            when counts_seconds then {{ microseconds_between('cycle_from', 'cycle_until') }}
            when divisor = 'thirty_days' then coalesce(step_months * 30, cycle_until_date - cycle_from_date)
            when divisor = 'stepping' and step_months is not null and piece_from_date = cycle_from_date
                then cast(cycle_from_date + make_interval(months => step_months) as date) - cycle_from_date
            when divisor = 'stepping' and step_months is not null
                then cycle_until_date - cast(cycle_until_date - make_interval(months => step_months) as date)
            else cycle_until_date - cycle_from_date
        end as bigint) as whole_count
    from due

),

parts as (

    select
        product_number,
        price_version_id,
        covered_from as span_from,
        part_kind,
        piece_from as covered_from,
        piece_until as covered_until,
        -- Never above the whole fee: 59 days of a cycle of 31 are one cycle.
        least(covered_count, whole_count) as covered_count,
        whole_count,
        factor_decimals
    from counted

    union all

    select
        fee_spans.product_number,
        fee_spans.price_version_id,
        fee_spans.covered_from,
        'one_time',
        fee_spans.covered_from,
        least(fee_spans.covered_until, account_windows.period_end),
        1,
        1,
        null
    from fee_spans
    inner join account_windows on fee_spans.account_id = account_windows.account_id
    where
        fee_spans.price_kind = 'one_time'
        and fee_spans.covered_from = fee_spans.offering_starts_at
        and fee_spans.offering_starts_at >= account_windows.period_start

),

with_fee as (

    select
        parts.*,
        fee_spans.price_override_id,
        fee_spans.currency_code as price_currency_code,
        -- A fee is its tariff at a quantity of one.
        {{ tariff_value('cast(1000000 as bigint)', 'segments') }} as fee_exact,
        case
            when parts.factor_decimals is not null
                then {{ ratio_rounded_to('parts.covered_count', 'parts.whole_count', 'parts.factor_decimals') }}
        end as rounded_factor
    from parts
    inner join fee_spans
        on
            parts.product_number = fee_spans.product_number
            and parts.price_version_id = fee_spans.price_version_id
            and parts.span_from = fee_spans.covered_from
    inner join segments
        on
            fee_spans.tariff_number = segments.tariff_number
            and segments.from_units < 1000000
            and segments.until_units >= 1000000

)

select
    product_number,
    price_version_id,
    price_override_id,
    span_from,
    cast(row_number() over (
        partition by product_number, price_version_id, span_from order by covered_from
    ) as integer) as part_number,
    part_kind,
    covered_from,
    covered_until,
    cast(coalesce(rounded_factor, {{ ratio_round('covered_count', 'whole_count', 10) }}) as numeric(18, 10)) as period_factor,
    price_currency_code,
    cast(coalesce(
        rounded_factor * fee_exact,
        {{ ratio_round(mul_exact('covered_count', 'fee_exact', (19, 0), (18, 10)), 'whole_count', 16) }}
    ) as numeric(38, 16)) as amount_exact
from with_fee
