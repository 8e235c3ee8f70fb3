select
    item_key,
    settlement_key,
    agreement_id,
    item_id,
    payer_party_id,
    receiver_party_id,

    stage,
    item_kind,
    currency_code,
    reference,

    amount_minor,

    settled_on
from {{ source('ledger', 'settlement_items') }}
