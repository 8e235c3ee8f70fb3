select
    product_id,

    identifier_kind,
    identifier,

    effective_from,
    effective_until
from {{ source('inbox', 'product_identifiers') }}
