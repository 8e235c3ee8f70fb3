select
    currency_code,

    minor_digits
from {{ source('catalog', 'currencies') }}
