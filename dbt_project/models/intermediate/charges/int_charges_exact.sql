{{ config(
    materialized='table',
    pre_hook=sharing_session(),
    post_hook="analyze {{ this }}
        (line_key, account_id, product_number, offering_id, price_version_id, terms_id, charge_kind, price_currency_code)",
) }}

{# Usage and fees as lines of one shape, with the facts of the offering charged and a key that survives a rebuild. #}

with

account_windows as (

    select * from {{ ref('int_account_windows') }}

),

charges as (

    select * from {{ ref('int_usage_charges') }}
    union all
    select * from {{ ref('int_fee_charges') }}

),

offerings as (

    select * from {{ ref('stg_catalog__offerings') }}

),

prices as (

    select * from {{ ref('stg_catalog__prices') }}

),

price_overrides as (

    select * from {{ ref('stg_inbox__price_overrides') }}

),

agreement_terms as (

    select * from {{ ref('stg_catalog__agreement_terms') }}

),

agreements as (

    select * from {{ ref('stg_catalog__agreements') }}

),

-- Where the agreement says who supplies, in place of the offering.
agreed_roles as (

    select * from {{ ref('stg_catalog__customer_roles') }}
    where agreement_version_id is not null

),

charges_with_natural_ids as (

    select
        charges.*,
        offerings.service_kind,
        offerings.tax_category,
        coalesce(agreed_roles.legal_entity_id, offerings.legal_entity_id) as legal_entity_id,
        account_windows.period_id,
        {{ instant_text('charges.covered_from') }} as covered_from_text,
        {{ instant_text('prices.effective_from') }} as price_from_text,
        {{ instant_text('price_overrides.effective_from') }} as override_from_text,
        agreements.agreement_id,
        {{ instant_text('agreement_terms.effective_from') }} as terms_from_text
    from charges
    inner join account_windows on charges.account_id = account_windows.account_id
    inner join offerings on charges.offering_id = offerings.offering_id
    inner join prices on charges.price_version_id = prices.price_version_id
    left join price_overrides on charges.price_override_id = price_overrides.price_override_id
    left join agreement_terms on charges.terms_id = agreement_terms.terms_id
    left join agreements on agreement_terms.root_agreement_version_id = agreements.agreement_version_id
    left join agreed_roles
        on charges.offering_id = agreed_roles.offering_id
        and agreement_terms.root_agreement_version_id = agreed_roles.agreement_version_id

)

select
    {{ natural_key([
        'account_id', 'product_id', 'seller_party_id', 'offering_id', 'bundle_offering_id', 'price_id', 'charge_kind',
        'price_from_text', 'override_from_text', 'agreement_id', 'terms_from_text', 'covered_from_text', 'period_id', 'is_late',
    ]) }} as line_key,
    account_id,
    product_id,
    product_number,
    offering_id,
    bundle_offering_id,
    price_id,
    price_version_id,
    price_override_id,
    charge_kind,
    service_kind,
    seller_party_id,
    terms_id,
    tax_category,
    legal_entity_id,
    covered_from,
    covered_until,
    is_late,
    event_count,
    cast(billed_quantity as numeric(38, 6)) as billed_quantity,
    cast(allowance_quantity as numeric(38, 6)) as allowance_quantity,
    cast(period_factor as numeric(18, 10)) as period_factor,
    price_currency_code,
    cast(amount_exact as numeric(38, 16)) as amount_exact
from charges_with_natural_ids
