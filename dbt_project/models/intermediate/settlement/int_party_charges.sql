{{ config(materialized='table', pre_hook=sharing_session(), post_hook='analyze {{ this }}') }}

{#
    Usage that tariffs of agreements rated, as lines with who owes whom, and a key that survives a rebuild. The terms of the version in
    force at the line's end settle it; what a version without end or the last one leaves open, the latest before it.
#}

with

charges as (

    select * from {{ ref('int_usage_charges') }}

),

account_windows as (

    select * from {{ ref('int_account_windows') }}

),

tariffs as (

    select * from {{ ref('stg_catalog__agreement_tariffs') }}

),

agreements as (

    select * from {{ ref('stg_catalog__agreements') }}

),

usage_specifications as (

    select * from {{ ref('stg_catalog__usage_specifications') }}

),

prices as (

    select * from {{ ref('stg_catalog__prices') }}

),

lines as (

    select
        charges.*,
        account_windows.period_id,
        tariffs.agreement_id,
        tariffs.tariff_id,
        tariffs.payer_party_id,
        tariffs.receiver_party_id,
        tariffs.is_settled,
        usage_specifications.usage_specification_code as service_kind,
        {{ instant_text('charges.covered_from') }} as covered_from_text,
        {{ instant_text('prices.effective_from') }} as price_from_text
    from charges
    inner join tariffs on charges.offering_id = tariffs.offering_id
    inner join account_windows on charges.account_id = account_windows.account_id
    inner join prices on charges.price_version_id = prices.price_version_id
    inner join usage_specifications on prices.usage_specification_id = usage_specifications.usage_specification_id

),

lines_with_terms as (

    select distinct on (lines.account_id, lines.product_number, lines.price_version_id, lines.is_late)
        lines.*,
        agreements.agreement_version_id,
        agreements.tax_category,
        agreements.settlement_currency_code,
        agreements.fx_source
    from lines
    inner join agreements
        on
            lines.agreement_id = agreements.agreement_id
            and agreements.effective_from < coalesce(lines.covered_until, {{ end_of_time() }})
    order by lines.account_id, lines.product_number, lines.price_version_id, lines.is_late, agreements.effective_from desc

)

select
    {{ natural_key([
        "'party line'", 'account_id', 'tariff_id', 'price_id', 'price_from_text', 'covered_from_text', 'period_id', 'is_late'
    ]) }} as line_key,
    account_id,
    period_id,
    product_number,
    agreement_id,
    agreement_version_id,
    tariff_id,
    price_id,
    price_version_id,
    payer_party_id,
    receiver_party_id,
    service_kind,
    is_settled,
    covered_from,
    covered_until,
    is_late,
    event_count,
    cast(billed_quantity as numeric(38, 6)) as billed_quantity,
    price_currency_code as currency_code,
    tax_category,
    settlement_currency_code,
    fx_source,
    cast(amount_exact as numeric(38, 16)) as amount_exact
from lines_with_terms
