select
    fx_source,
    base_currency_code,
    quote_currency_code,

    rate,

    rate_date
from {{ source('catalog', 'fx_rates') }}
