select
    price_override_id,

    tier_number,
    from_quantity,
    until_quantity,
    unit_amount,
    flat_amount,
    package_size
from {{ source('inbox', 'price_override_tiers') }}
