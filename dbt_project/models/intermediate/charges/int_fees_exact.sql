{#
    What fees cost before bundles are split: recurring ones by the local days they are charged for, one-time ones when the product
    starts in the period.
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

-- Half-open in days: a day that changes hands in its middle belongs to the span that follows, so it is charged once.
local_days as (

    select
        fee_spans.*,
        account_windows.period_start,
        account_windows.period_end_date - account_windows.period_start_date as period_days,
        cast(fee_spans.covered_from at time zone account_windows.time_zone as date) as from_date,
        cast(fee_spans.covered_until at time zone account_windows.time_zone as date) as until_date,
        cast(max(fee_spans.covered_until) over (
            partition by fee_spans.product_id, fee_spans.offering_id, fee_spans.price_id
        ) at time zone account_windows.time_zone as date) as last_until_date,
        case
            when fee_spans.trial_applies
                then cast(fee_spans.product_starts_at at time zone account_windows.time_zone as date) + offerings.trial_days
        end as trial_until_date,
        row_number() over (
            partition by fee_spans.product_id, fee_spans.offering_id, fee_spans.price_id
            order by fee_spans.covered_from
        ) as part_number
    from fee_spans
    inner join account_windows on fee_spans.account_id = account_windows.account_id
    left join offerings on fee_spans.offering_id = offerings.offering_id

),

charged as (

    select
        *,
        greatest(until_date - greatest(from_date, trial_until_date), 0) as charged_days,
        -- A fee that is not prorated is free only when the trial lasts to the end of what is covered.
        coalesce(trial_until_date < last_until_date, true) as is_past_trial
    from local_days
    where
        (price_kind = 'recurring' and is_prorated and until_date > from_date)
        -- A fee that is not prorated is charged whole and once, by what is in force first.
        or (price_kind = 'recurring' and not is_prorated and part_number = 1)
        or (price_kind = 'one_time' and covered_from = offering_starts_at and offering_starts_at >= period_start)

),

with_fee as (

    select
        charged.*,
        -- A fee is its tariff at a quantity of one.
        {{ tariff_value('cast(1000000 as bigint)', 'segments') }} as fee_exact,
        case
            when price_kind = 'one_time' then period_days
            when is_prorated then charged_days
            when is_past_trial then period_days
            else 0
        end as factor_days
    from charged
    inner join segments
        on
            charged.tariff_number = segments.tariff_number
            and segments.from_units < 1000000
            and segments.until_units >= 1000000

)

select
    account_id,
    product_id,
    product_number,
    class_number,
    offering_id,
    bundle_offering_id,
    price_id,
    price_version_id,
    price_override_id,
    price_kind as charge_kind,
    seller_party_id,
    covered_from,
    covered_until,
    {{ ratio_round('cast(factor_days as bigint)', 'period_days', 10) }} as period_factor,
    currency_code as price_currency_code,
    {{ ratio_round(mul_exact('factor_days', 'fee_exact', (5, 0), (32, 16)), 'period_days', 16) }} as amount_exact
from with_fee
