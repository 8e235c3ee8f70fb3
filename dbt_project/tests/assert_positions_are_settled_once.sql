{{ config(meta={
    'dagster': {'ref': {'name': 'fct_party_settlements'}},
    'description': "What a payer owes a receiver in one currency is on its documents, no more and no less."
}) }}

-- Guards the way from positions to documents: a partner without tax rule or master data would drop out of the join.

with

positions as (

    select payer_party_id, receiver_party_id, settlement_currency_code, settlement_amount_minor
    from {{ ref('fct_positions') }}
    where not is_kept
    union all
    select payer_party_id, receiver_party_id, currency_code, amount_minor
    from {{ ref('int_position_items') }}
    where item_kind not in ('share', 'usage')

),

settlements as (

    select * from {{ ref('fct_party_settlements') }}

),

owed as (

    select
        payer_party_id,
        receiver_party_id,
        settlement_currency_code as currency_code,
        cast(sum(settlement_amount_minor) as bigint) as position_minor
    from positions
    group by payer_party_id, receiver_party_id, settlement_currency_code

),

documented as (

    select
        payer_party_id,
        receiver_party_id,
        currency_code,
        cast(sum(position_minor) as bigint) as position_minor
    from settlements
    group by payer_party_id, receiver_party_id, currency_code

)

select
    payer_party_id,
    receiver_party_id,
    currency_code,
    owed.position_minor as owed_minor,
    documented.position_minor as documented_minor
from owed
full join documented using (payer_party_id, receiver_party_id, currency_code)
where owed.position_minor is distinct from documented.position_minor
