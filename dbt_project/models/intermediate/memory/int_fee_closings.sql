{#
    Fees that are paid beyond the end of the period, with what bills have charged for them after discounts: pieces of this run's
    lines, in proportion to them, and what earlier bills charged, less what was given back. One row per product, price and span.
#}

with

account_windows as (

    select * from {{ ref('int_account_windows') }}

),

prices as (

    select * from {{ ref('stg_catalog__prices') }}
    where price_kind = 'recurring'

),

fee_parts as (

    select
        fee_parts.*,
        prices.offering_id,
        prices.price_id,
        prices.currency_code,
        fee_spans.account_id,
        fee_spans.product_id,
        sum(fee_parts.amount_exact) over (
            partition by fee_parts.product_number, fee_parts.price_version_id, fee_parts.span_from
        ) as fee_exact,
        min(fee_parts.covered_from) over (
            partition by fee_parts.product_number, fee_parts.price_version_id, fee_parts.span_from
        ) as line_from
    from {{ ref('int_fee_parts') }} as fee_parts
    inner join prices on fee_parts.price_version_id = prices.price_version_id
    inner join {{ ref('int_fee_spans') }} as fee_spans
        on
            fee_parts.product_number = fee_spans.product_number
            and fee_parts.price_version_id = fee_spans.price_version_id
            and fee_parts.span_from = fee_spans.covered_from

),

parts_beyond as (

    select fee_parts.*
    from fee_parts
    inner join account_windows on fee_parts.account_id = account_windows.account_id
    where fee_parts.covered_until > account_windows.period_end

),

-- A bundle's fee is on one line for each component.
charged as (

    select
        charges.product_number,
        charges.price_version_id,
        charges.covered_from,
        sum({{ minor_to_major(round_to_minor('charges.amount_exact', 'currencies.minor_digits'), 'currencies.minor_digits') }}) as charged_exact
    from {{ ref('int_charges_adjusted') }} as charges
    inner join {{ ref('stg_catalog__currencies') }} as currencies on charges.price_currency_code = currencies.currency_code
    where
        charges.charge_kind = 'recurring'
        and charges.period_factor >= 0
    group by charges.product_number, charges.price_version_id, charges.covered_from

),

charged_now as (

    select
        parts_beyond.account_id,
        parts_beyond.product_id,
        parts_beyond.offering_id,
        parts_beyond.price_id,
        parts_beyond.currency_code,
        parts_beyond.covered_from,
        parts_beyond.covered_until,
        case
            when parts_beyond.fee_exact > 0
                then {{ ratio_round('charged.charged_exact * parts_beyond.amount_exact', 'parts_beyond.fee_exact', 16) }}
            else 0
        end as amount_billed
    from parts_beyond
    inner join charged
        on
            parts_beyond.product_number = charged.product_number
            and parts_beyond.price_version_id = charged.price_version_id
            and parts_beyond.line_from = charged.covered_from

),

charged_before as (

    select
        fees_paid.account_id,
        fees_paid.product_id,
        fees_paid.offering_id,
        fees_paid.price_id,
        fees_paid.currency_code,
        fees_paid.covered_from,
        coalesce(credits.covered_from, fees_paid.covered_until) as covered_until,
        fees_paid.amount_billed + coalesce(credits.amount_exact, 0) as amount_billed
    from {{ ref('int_fees_paid') }} as fees_paid
    left join {{ ref('int_fee_credits') }} as credits
        on
            fees_paid.account_id = credits.account_id
            and fees_paid.product_id = credits.product_id
            and fees_paid.offering_id = credits.offering_id
            and fees_paid.price_id = credits.price_id
            and fees_paid.covered_from = credits.paid_from

),

fees as (

    select * from charged_now
    union all
    select * from charged_before

)

select
    fees.account_id,
    fees.product_id,
    fees.offering_id,
    fees.price_id,
    fees.currency_code,
    cast(fees.covered_from at time zone account_windows.time_zone as date) as counter_start,
    cast(fees.covered_until at time zone account_windows.time_zone as date) as counter_until,
    cast(fees.amount_billed as numeric(38, 16)) as amount_billed,
    fees.covered_from,
    fees.covered_until
from fees
inner join account_windows on fees.account_id = account_windows.account_id
where fees.covered_until > account_windows.period_end
