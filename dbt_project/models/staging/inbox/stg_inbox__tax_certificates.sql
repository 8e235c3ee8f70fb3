select
    party_id,

    reference,

    effective_from,
    effective_until
from {{ source('inbox', 'tax_certificates') }}
