{#
    The items behind each document the operator pays, by the currency in which the cost arose: shares in the currency of the
    lines, everything else in the currency of the settlement. A share that an agent pays comes out of what it owes its principal.
#}

with

settlements as (

    select * from {{ ref('fct_party_settlements') }}

),

position_items as (

    select * from {{ ref('int_position_items') }}

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
    coalesce(positions.currency_code, position_items.currency_code) as currency_code,
    case when position_items.item_kind = 'collected' then position_items.receiver_party_id else agreements.principal_party_id end as principal_party_id,
    cast(sum(coalesce(positions.amount_minor, position_items.amount_minor)) as bigint) as cost_minor,
    cast(sum(position_items.amount_minor) as bigint) as settlement_minor
from settlements
inner join position_items on settlements.settlement_key = position_items.settlement_key
left join positions on position_items.item_key = positions.position_key
left join agreements on positions.agreement_version_id = agreements.agreement_version_id
where settlements.is_paid_by_operator
group by
    settlements.settlement_key,
    settlements.receiver_party_id,
    settlements.currency_code,
    coalesce(positions.currency_code, position_items.currency_code),
    case when position_items.item_kind = 'collected' then position_items.receiver_party_id else agreements.principal_party_id end
