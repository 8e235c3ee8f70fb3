{{ config(materialized='table' if target.schema == 'settle' else 'ephemeral') }}

{#
    Exact shares summed per step of the terms, receiver, currency and tax category: the one time that all shares of a run are read. A
    settlement run looks at the sums before it settles them (int_agreement_problems); a bill run only reads on.
#}

with

shares as (

    select * from {{ ref('int_settlement_shares') }}

)

select
    terms_id,
    step_number,
    hop_base_step_number,
    hop_number,
    agreement_version_id,
    agreement_id,
    item_id,
    payer_party_id,
    receiver_party_id,
    currency_code,
    tax_category,
    count(*) as line_count,
    cast(sum(amount_exact) as numeric(38, 16)) as amount_exact
from shares
group by
    terms_id, step_number, hop_base_step_number, hop_number, agreement_version_id, agreement_id, item_id, payer_party_id,
    receiver_party_id, currency_code, tax_category
