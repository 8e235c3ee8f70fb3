-- What packages publish, and the operator's own records of sources without a package.
select
    fx_source,
    base_currency_code,
    quote_currency_code,

    rate,

    rate_date
from {{ source('catalog', 'fx_rates') }}

union all

select
    fx_source,
    base_currency_code,
    quote_currency_code,

    rate,

    rate_date
from {{ source('inbox', 'fx_rates') }}
