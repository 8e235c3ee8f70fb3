select
    adjustment_id,
    agreement_id,
    receiver_party_id,

    currency_code,
    reason,
    requested_by,
    approved_by,

    amount_minor,

    lower(btrim(requested_by)) <> lower(btrim(approved_by)) as is_approved_by_another,

    effective_from
from {{ source('inbox', 'adjustments') }}
