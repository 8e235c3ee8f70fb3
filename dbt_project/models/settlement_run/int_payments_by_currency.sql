{# Both sides of the account of customers' money: what came in, what is on bills, what is left over. #}

with

run as (

    select * from {{ ref('int_run') }}

),

money as (

    select payments.currency_code, payments.collected_minor as paid_minor, 0 as collected_minor, 0 as left_over_minor, 1 as payment_count
    from {{ ref('stg_inbox__customer_payments') }} as payments
    inner join run on payments.received_on <= run.period_last_date

    union all

    select currency_code, 0, collected_minor, 0, 0 from {{ ref('int_bill_collections') }}

    union all

    select currency_code, 0, 0, amount_minor, 0 from {{ ref('int_payments_left_over') }}

)

select
    currency_code,
    cast(sum(paid_minor) as numeric(38, 16)) as paid_minor,
    cast(sum(collected_minor) as numeric(38, 16)) as collected_minor,
    cast(sum(left_over_minor) as numeric(38, 16)) as left_over_minor,
    cast(sum(payment_count) as bigint) as payment_count
from money
group by currency_code
having sum(payment_count) > 0
