{# Each step from a line's price before discounts to what is billed. No price has adjustments yet. #}

with

lines as (

    select * from {{ ref('fct_applied_billing_rates') }}

)

select
    bill_run_id,
    line_key,
    1 as adjustment_number,
    cast(null as text) as adjustment_id,
    cast(null as text) as kind,
    cast('everyone' as text) as borne_by,
    cast(0 as numeric(38, 6)) as quantity,
    price_currency_code,
    cast(0 as numeric(38, 16)) as amount_exact,
    currency_code,
    amount_minor - before_discount_minor as amount_minor
from lines
where amount_minor <> before_discount_minor
