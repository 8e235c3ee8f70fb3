select
    product_id,
    price_id,

    value,

    quantity,
    amount_billed,

    counter_start
from {{ source('inbox', 'opening_balances') }}
