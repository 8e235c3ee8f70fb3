{{ config(meta={
    'dagster': {'ref': {'name': 'fct_settlement_items'}},
    'description': "Per document: items of the position are its position, with the tax they are the document, with what comes off the payment."
}) }}

-- Guards the split of a settlement into typed items: one that is missing or counted twice would print a statement whose
-- lines do not give its total.

with

items as (

    select
        settlement_key,
        cast(coalesce(sum(amount_minor) filter (where stage = 'position'), 0) as bigint) as position_minor,
        cast(coalesce(sum(amount_minor) filter (where stage in ('position', 'document')), 0) as bigint) as document_minor,
        cast(coalesce(sum(amount_minor), 0) as bigint) as payment_minor
    from {{ ref('fct_settlement_items') }}
    group by settlement_key

),

settlements as (

    select * from {{ ref('fct_party_settlements') }}

)

select
    settlement_key,
    items.position_minor as items_position_minor,
    settlements.position_minor,
    items.document_minor as items_document_minor,
    settlements.document_minor,
    items.payment_minor as items_payment_minor,
    settlements.payment_minor
from items
full join settlements using (settlement_key)
where
    items.position_minor is distinct from settlements.position_minor
    or items.document_minor is distinct from settlements.document_minor
    or items.payment_minor is distinct from settlements.payment_minor
    or settlements.document_minor is distinct from settlements.position_minor + settlements.tax_minor
    or settlements.payment_minor
    is distinct from settlements.document_minor - settlements.withheld_minor - settlements.retained_minor
