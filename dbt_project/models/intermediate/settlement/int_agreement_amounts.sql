{{ config(materialized='ephemeral') }}

{#
    What would stand on documents, by agreement version and receiver: of a bill run the lines of tariffs, of a settlement run all shares;
    and the items in force, which need no line. Without what the payer keeps.
#}

with

run as (

    select * from {{ ref('int_run') }}

),

agreements as (

    select * from {{ ref('int_agreements_settled') }}

),

agreement_items as (

    select * from {{ ref('stg_catalog__agreement_items') }}

),

{% if target.schema == 'settle' %}
all_agreements as (

    select * from {{ ref('stg_catalog__agreements') }}

),

amounts as (

    select distinct
        all_agreements.agreement_id,
        all_agreements.agreement_version_id,
        share_sums.payer_party_id,
        share_sums.receiver_party_id,
        share_sums.currency_code,
        all_agreements.settlement_currency_code,
        share_sums.tax_category,
        all_agreements.fx_source,
        all_agreements.payment_class
    from {{ ref('int_share_sums') }} as share_sums
    inner join all_agreements on share_sums.agreement_version_id = all_agreements.agreement_version_id
    where share_sums.payer_party_id <> share_sums.receiver_party_id

)
{% else %}
amounts as (

    select distinct
        charges.agreement_id,
        charges.agreement_version_id,
        charges.payer_party_id,
        charges.receiver_party_id,
        charges.currency_code,
        charges.settlement_currency_code,
        charges.tax_category,
        charges.fx_source,
        cast(null as text) as payment_class
    from {{ ref('int_party_charges') }} as charges
    where charges.is_settled

)
{% endif %}

select * from amounts

union

select
    agreements.agreement_id,
    agreements.agreement_version_id,
    agreements.payer_party_id,
    agreement_items.receiver_party_id,
    agreements.settlement_currency_code,
    agreements.settlement_currency_code,
    agreements.tax_category,
    agreements.fx_source,
    agreements.payment_class
from agreements
cross join run
inner join agreement_items on agreements.agreement_version_id = agreement_items.agreement_version_id
where
    cast(agreements.effective_from at time zone run.time_zone as date) <= run.period_last_date
    and (
        agreements.effective_until is null
        or cast(agreements.effective_until at time zone run.time_zone as date) > run.period_last_date
    )
