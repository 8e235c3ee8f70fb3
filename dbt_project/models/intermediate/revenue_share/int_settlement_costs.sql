{# The positions behind each document the operator pays, by the currency in which the cost arose. #}

with

settlements as (

    select * from {{ ref('fct_party_settlements') }}

),

positions as (

    select * from {{ ref('fct_positions') }}

),

agreements as (

    select * from {{ ref('stg_catalog__agreements') }}

)

select
    settlements.settlement_key,
    settlements.receiver_party_id,
    settlements.currency_code as settlement_currency_code,
    positions.currency_code,
    cast(sum(positions.amount_minor) as bigint) as cost_minor,
    cast(sum(positions.settlement_amount_minor) as bigint) as settlement_minor
from settlements
inner join positions
    on settlements.payer_party_id = positions.payer_party_id
    and settlements.receiver_party_id = positions.receiver_party_id
    and settlements.currency_code = positions.settlement_currency_code
    and settlements.tax_category = positions.tax_category
inner join agreements
    on positions.agreement_version_id = agreements.agreement_version_id
    and settlements.document_kind = agreements.document_kind
where settlements.is_paid_by_operator and not positions.is_kept
group by
    settlements.settlement_key,
    settlements.receiver_party_id,
    settlements.currency_code,
    positions.currency_code
