select
    product_id,
    account_id,
    offering_id,
    seller_party_id,

    effective_from,
    effective_until
from {{ source('inbox', 'products') }}
