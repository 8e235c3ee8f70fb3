select
    price_override_id,

    tier_number,
    from_quantity,
    until_quantity,
    unit_amount,
    flat_amount,
    per_quantity,
    block_size,
    block_rounding,
    maximum_amount
from {{ source('inbox', 'price_override_tiers') }}
