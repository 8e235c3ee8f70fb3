{{ config(materialized='table') }}

{# Exact shares of what is settled per step of the terms, receiver, currency and tax category, with the position each is of. #}

with

run as (

    select * from {{ ref('int_run') }}

),

agreements as (

    select * from {{ ref('stg_catalog__agreements') }}

),

totals as (

    select * from {{ ref('int_share_sums') }}
    {% if target.schema == 'settle' -%}
    where {{ not_parked('agreement_id') }}
    {%- endif %}

),

totals_with_steps as (

    select
        totals.*,
        agreements.version as agreement_version,
        run.period_id,
        run.run_sequence
    from totals
    cross join run
    left join agreements on totals.agreement_version_id = agreements.agreement_version_id

),

totals_with_keys as (

    select
        *,
        {{ natural_key([
            "'position'", 'period_id', 'run_sequence', 'hop_number', 'agreement_id', 'agreement_version', 'item_id',
            'payer_party_id', 'receiver_party_id', 'currency_code', 'tax_category'
        ]) }} as position_key
    from totals_with_steps

)

select
    totals_with_keys.position_key,
    base_totals.position_key as base_position_key,
    totals_with_keys.terms_id,
    totals_with_keys.step_number,
    totals_with_keys.hop_number,
    totals_with_keys.agreement_id,
    totals_with_keys.agreement_version_id,
    totals_with_keys.item_id,
    totals_with_keys.payer_party_id,
    totals_with_keys.receiver_party_id,
    totals_with_keys.currency_code,
    totals_with_keys.tax_category,
    totals_with_keys.line_count,
    totals_with_keys.amount_exact
from totals_with_keys
-- The item a hop shares out is the one its payer received; with roles another party may have received the same item.
left join totals_with_keys as base_totals
    on totals_with_keys.terms_id = base_totals.terms_id
    and totals_with_keys.hop_base_step_number = base_totals.step_number
    and totals_with_keys.payer_party_id = base_totals.receiver_party_id
    and totals_with_keys.currency_code = base_totals.currency_code
