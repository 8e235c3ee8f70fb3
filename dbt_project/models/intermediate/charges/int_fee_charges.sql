{#
    Fees as lines. The fee of a bundle becomes one line per component: rounded to the currency's minor unit, then split in
    proportion to int_bundle_weights so that no cent is lost, since each component may belong to another partner.
#}

with

fees as (

    select * from {{ ref('int_fees_exact') }}

),

offering_prices as (

    select * from {{ ref('int_offering_prices') }}

),

bundle_weights as (

    select * from {{ ref('int_bundle_weights') }}

),

currencies as (

    select * from {{ ref('stg_catalog__currencies') }}

),

agreement_matches as (

    select * from {{ ref('int_agreement_matches') }}

),

parts as (

    select
        fees.*,
        offering_prices.charged_offering_id,
        currencies.minor_digits,
        {{ round_to_minor('fees.amount_exact', 'currencies.minor_digits') }} as total_minor,
        bundle_weights.part_weight,
        sum(bundle_weights.part_weight) over (
            partition by fees.product_number, fees.price_version_id, fees.covered_from
        ) as total_weight
    from fees
    inner join offering_prices
        on
            fees.offering_id = offering_prices.product_offering_id
            and fees.price_version_id = offering_prices.price_version_id
    inner join currencies on fees.price_currency_code = currencies.currency_code
    left join bundle_weights
        on
            fees.product_number = bundle_weights.product_number
            and fees.price_version_id = bundle_weights.price_version_id
            and fees.covered_from = bundle_weights.covered_from
            and offering_prices.charged_offering_id = bundle_weights.component_offering_id

),

weighted_parts as (

    select
        *,
        case
            when total_weight > 0
                then {{ ratio_round('total_minor * part_weight', 'total_weight', 16) }}
        end as part_exact_minor
    from parts

),

split_parts as (

    select
        *,
        {{ split_amount(
            'part_exact_minor',
            'total_minor',
            'product_number, price_version_id, covered_from',
            'charged_offering_id'
        ) }} as part_minor
    from weighted_parts

)

select
    split_parts.account_id,
    split_parts.product_id,
    split_parts.product_number,
    split_parts.charged_offering_id as offering_id,
    split_parts.bundle_offering_id,
    split_parts.price_id,
    split_parts.price_version_id,
    split_parts.price_override_id,
    split_parts.charge_kind,
    split_parts.seller_party_id,
    agreement_matches.terms_id,
    split_parts.covered_from,
    split_parts.covered_until,
    false as is_late,
    cast(0 as bigint) as event_count,
    cast(1 as numeric(38, 6)) as billed_quantity,
    cast(0 as numeric(38, 6)) as allowance_quantity,
    split_parts.period_factor,
    split_parts.price_currency_code,
    case
        when split_parts.bundle_offering_id is null then split_parts.amount_exact
        else {{ minor_to_major('split_parts.part_minor', 'split_parts.minor_digits') }}
    end as amount_exact
from split_parts
inner join agreement_matches
    on
        split_parts.class_number = agreement_matches.class_number
        and split_parts.charged_offering_id = agreement_matches.charged_offering_id
        and split_parts.price_id = agreement_matches.price_id
        and split_parts.covered_from >= agreement_matches.effective_from
        and split_parts.covered_from < agreement_matches.effective_until
