{{ config(materialized='table', pre_hook=sharing_session(), post_hook='analyze {{ this }}') }}

{#
    What fees cost, cycle by cycle: each due cycle's part that a product's span covers, times what the span's price says.
    A part of a cycle costs the covered days (or seconds) over those of the divisor; a whole cycle costs the fee itself:

    divisor     cycle: the cycle as it is; stepping: one step back from the cycle's end, or on from its start, counted from that
                very day; thirty_days: months of 30 days, also when counting what is covered
#}

with

account_windows as (

    select * from {{ ref('int_account_windows') }}

),

segments as (

    select * from {{ ref('int_tariff_segments') }}

),

fee_spans as (

    select * from {{ ref('int_fee_spans') }}

),

due as (

    select * from {{ ref('int_fee_cycles_due') }}

),

early_ends as (

    select * from {{ ref('stg_catalog__price_early_ends') }}

),

-- Days decide by their dates: a day that changes hands belongs to one of its spans. Seconds decide by instants.
placed as (

    select
        *,
        case when counts_seconds then unpaid_from = cycle_from else piece_from_date = cycle_from_date end as starts_cycle,
        case when counts_seconds then piece_until = cycle_until else piece_until_date = cycle_until_date end as ends_cycle,
        greatest(unpaid_from, cast(trial_until_date as timestamp) at time zone time_zone) as charged_from
    from due

),

counted as (

    select
        *,
        case
            when starts_cycle and ends_cycle then 'whole'
            when ends_cycle then 'leading'
            when starts_cycle then 'trailing'
            else 'inner'
        end as part_kind,
        cast(case
            when not is_prorated then (case when is_past_trial then 1 else 0 end)
            when case when counts_seconds then charged_from >= piece_until else charged_from_date >= piece_until_date end then 0
            when ends_cycle and case when counts_seconds then charged_from = cycle_from else charged_from_date = cycle_from_date end
                then 1
            when counts_seconds then {{ microseconds_between('charged_from', 'piece_until') }}
            when divisor = 'thirty_days' then {{ days_of_thirty('charged_from_date', 'piece_until_date') }}
            else piece_until_date - charged_from_date
        end as bigint) as covered_count,
        cast(case
            when not is_prorated then 1
            when ends_cycle and case when counts_seconds then charged_from = cycle_from else charged_from_date = cycle_from_date end
                then 1
            when counts_seconds then {{ microseconds_between('cycle_from', 'cycle_until') }}
            when divisor = 'thirty_days' then coalesce(step_months * 30, cycle_until_date - cycle_from_date)
            when divisor = 'stepping' and step_months is not null and piece_from_date = cycle_from_date
                then cast(cycle_from_date + make_interval(months => step_months) as date) - cycle_from_date
            when divisor = 'stepping' and step_months is not null
                then cycle_until_date - cast(cycle_until_date - make_interval(months => step_months) as date)
            else cycle_until_date - cycle_from_date
        end as bigint) as whole_count
    from placed

),

parts as (

    select
        product_number,
        price_version_id,
        covered_from as span_from,
        part_kind,
        unpaid_from as covered_from,
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
        and fee_spans.price_version_id not in (select early_ends.price_version_id from early_ends)

    union all

    -- What leaving a fixed term costs, on the bill of the period in which the product leaves.
    select
        fee_spans.product_number,
        fee_spans.price_version_id,
        fee_spans.covered_from,
        'one_time',
        greatest(fee_spans.covered_from, account_windows.period_start),
        fee_spans.covered_until,
        case when early_ends.is_per_month_left then {{ months_started_between(
            'cast(fee_spans.early_end_at at time zone account_windows.time_zone as date)',
            'cast(fee_spans.term_ends_at at time zone account_windows.time_zone as date)'
        ) }} else 1 end,
        1,
        null
    from fee_spans
    inner join account_windows on fee_spans.account_id = account_windows.account_id
    inner join early_ends on fee_spans.price_version_id = early_ends.price_version_id
    where
        fee_spans.covered_until = fee_spans.early_end_at
        and fee_spans.early_end_at > account_windows.period_start
        and fee_spans.early_end_at <= account_windows.period_end

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
    -- The same as a fraction, exact: what is prorated with the fee is a part by these.
    cast(coalesce(rounded_factor * {{ power_of_ten(10) }}, covered_count) as numeric(38, 0)) as factor_numerator,
    cast(case when rounded_factor is null then whole_count else {{ power_of_ten(10) }} end as numeric(38, 0)) as factor_divisor,
    price_currency_code,
    cast(coalesce(
        rounded_factor * fee_exact,
        {{ ratio_round(mul_exact('covered_count', 'fee_exact', (19, 0), (18, 10)), 'whole_count', 16) }}
    ) as numeric(38, 16)) as amount_exact
from with_fee
