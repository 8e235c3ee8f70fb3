select
    price_override_id,
    product_id,
    price_id,

    tariff_model,

    minimum_amount,
    maximum_amount,

    effective_from,
    effective_until
from {{ source('inbox', 'price_overrides') }}
