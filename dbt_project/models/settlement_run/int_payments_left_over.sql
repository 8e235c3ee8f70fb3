{# Money from customers that is on no bill: more than the bill, more than the account's bills, a bill or account that is not known. #}

with

run as (

    select * from {{ ref('int_run') }}

),

payments as (

    select payments.*
    from {{ ref('stg_inbox__customer_payments') }} as payments
    inner join run on payments.received_on <= run.period_last_date

),

bills as (

    select * from {{ ref('stg_ledger__customer_bills') }}

),

collections as (

    select * from {{ ref('int_bill_collections') }}

),

by_number as (

    select
        bills.bill_key,
        payments.bill_number as paid_for,
        payments.currency_code,
        cast(sum(payments.collected_minor) as bigint) as collected_minor
    from payments
    left join bills
        on payments.bill_number = bills.bill_number
        and payments.currency_code = bills.currency_code
    where payments.bill_number is not null
    group by bills.bill_key, payments.bill_number, payments.currency_code

),

by_account as (

    select
        account_id as paid_for,
        currency_code,
        cast(sum(collected_minor) as bigint) as collected_minor
    from payments
    where bill_number is null
    group by account_id, currency_code

),

allocated_by_account as (

    select
        account_id,
        currency_code,
        cast(sum(collected_by_account_minor) as bigint) as collected_minor
    from collections
    group by account_id, currency_code

),

left_over as (

    select
        case when by_number.bill_key is null then 'unknown_bill' else 'beyond_the_bill' end as reason,
        by_number.paid_for,
        by_number.currency_code,
        by_number.collected_minor
        - case
            when by_number.bill_key is null then 0
            else coalesce(collections.collected_minor - collections.collected_by_account_minor, 0)
        end as amount_minor
    from by_number
    left join collections on by_number.bill_key = collections.bill_key

    union all

    select
        'beyond_the_account',
        by_account.paid_for,
        by_account.currency_code,
        by_account.collected_minor - coalesce(allocated_by_account.collected_minor, 0)
    from by_account
    left join allocated_by_account
        on by_account.paid_for = allocated_by_account.account_id
        and by_account.currency_code = allocated_by_account.currency_code

)

select * from left_over
where amount_minor <> 0
