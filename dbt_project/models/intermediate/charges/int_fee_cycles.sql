{{ config(materialized='table', post_hook='analyze {{ this }} (account_id, product_number, price_version_id, price_kind, tariff_number)') }}

{#
    The cycles of recurring prices that meet a product's span: where each begins and ends, as local days and instants.

    The bill period is one cycle. Other cycles step from their anchor: the cycle day in the month of the product's start, the
    calendar (Mondays, first days), or the product's first day. Every boundary is counted from the anchor and not from the one
    before, so a cycle day of 31 comes back after February.
#}

with

account_windows as (

    select * from {{ ref('int_account_windows') }}

),

fee_spans as (

    select * from {{ ref('int_fee_spans') }}
    where price_kind in ('recurring', 'minimum')

),

fee_cycles as (

    select * from {{ ref('stg_catalog__price_fee_cycles') }}

),

local_spans as (

    select
        fee_spans.*,
        account_windows.time_zone,
        account_windows.period_start,
        account_windows.period_end,
        account_windows.period_start_date,
        account_windows.period_end_date,
        fee_cycles.every_unit,
        fee_cycles.every_count,
        fee_cycles.anchor,
        coalesce(fee_cycles.cycle_day, cast(right(account_windows.period_id, 2) as integer)) as cycle_day,
        fee_cycles.charged,
        fee_cycles.counts_seconds,
        fee_cycles.divisor,
        fee_cycles.factor_decimals,
        case fee_cycles.every_unit
            when 'month' then fee_cycles.every_count
            when 'quarter' then fee_cycles.every_count * 3
            when 'year' then fee_cycles.every_count * 12
        end as step_months,
        case fee_cycles.every_unit
            when 'day' then fee_cycles.every_count
            when 'week' then fee_cycles.every_count * 7
        end as step_days,
        cast(fee_spans.product_starts_at at time zone account_windows.time_zone as date) as product_start_date,
        cast(fee_spans.offering_starts_at at time zone account_windows.time_zone as date) as offering_start_date,
        cast(fee_spans.covered_from at time zone account_windows.time_zone as date) as from_date,
        -- A day that changes hands belongs to the span that follows; a product's own last day may be charged.
        case
            when fee_cycles.charges_last_day and fee_spans.covered_until = fee_spans.product_ends_at
                then cast((fee_spans.covered_until - interval '1 microsecond') at time zone account_windows.time_zone as date) + 1
            else cast(fee_spans.covered_until at time zone account_windows.time_zone as date)
        end as until_date
    from fee_spans
    inner join account_windows on fee_spans.account_id = account_windows.account_id
    inner join fee_cycles on fee_spans.price_version_id = fee_cycles.price_version_id

),

anchored as (

    select
        *,
        case anchor
            when 'anniversary' then product_start_date
            when 'calendar' then cast(date_trunc(nullif(every_unit, 'bill_period'), cast(offering_start_date as timestamp)) as date)
            else offering_start_date
        end as anchor_date
    from local_spans

),

numbered_months as (

    select
        anchored.*,
        cast(date_trunc('month', cast(anchor_date as timestamp)) as date) as anchor_month,
        case when anchor = 'cycle_day' then cycle_day else cast(extract(day from anchor_date) as integer) end as anchor_day,
        {{ month_number('greatest(from_date, period_start_date)') }} - {{ month_number('anchor_date') }} as first_month,
        {{ month_number('least(until_date, period_end_date)') }} - {{ month_number('anchor_date') }} as last_month
    from anchored
    where step_months is not null

),

-- One step more on either side than the months and days say; what does not meet the span is left out at the end.
month_cycles as (

    select
        numbered_months.*,
        {{ cycle_day_after('anchor_month', 'anchor_day', 'cast(step_number * step_months as integer)') }} as cycle_from_date,
        {{ cycle_day_after('anchor_month', 'anchor_day', 'cast((step_number + 1) * step_months as integer)') }} as cycle_until_date
    from numbered_months
    cross join lateral generate_series(
        {{ int_div('first_month', 'step_months') }} - 2, {{ int_div('last_month', 'step_months') }} + 1
    ) as steps (step_number)

),

day_cycles as (

    select
        anchored.*,
        anchor_date + cast(step_number * step_days as integer) as cycle_from_date,
        anchor_date + cast((step_number + 1) * step_days as integer) as cycle_until_date
    from anchored
    cross join lateral generate_series(
        {{ int_div('(greatest(from_date, period_start_date) - anchor_date)', 'step_days') }} - 2,
        {{ int_div('(least(until_date, period_end_date) - anchor_date)', 'step_days') }} + 1
    ) as steps (step_number)
    where step_days is not null

),

cycles as (

{% for cycles in ('month_cycles', 'day_cycles') %}
    select
        product_number,
        price_version_id,
        covered_from as span_from,
        cycle_from_date,
        cycle_until_date,
        cast(cycle_from_date as timestamp) at time zone time_zone as cycle_from,
        cast(cycle_until_date as timestamp) at time zone time_zone as cycle_until
    from {{ cycles }}

    union all
{% endfor %}

    select
        product_number,
        price_version_id,
        covered_from,
        period_start_date,
        period_end_date,
        period_start,
        period_end
    from anchored
    where every_unit = 'bill_period'

)

select
    anchored.*,
    cycles.cycle_from_date,
    cycles.cycle_until_date,
    cycles.cycle_from,
    cycles.cycle_until,
    greatest(anchored.covered_from, cycles.cycle_from) as piece_from,
    least(anchored.covered_until, cycles.cycle_until) as piece_until
from anchored
inner join cycles
    on
        anchored.product_number = cycles.product_number
        and anchored.price_version_id = cycles.price_version_id
        and anchored.covered_from = cycles.span_from
where
    greatest(anchored.covered_from, cycles.cycle_from) < least(anchored.covered_until, cycles.cycle_until)
    and cycles.cycle_from < anchored.period_end
    and cycles.cycle_until > anchored.period_start
