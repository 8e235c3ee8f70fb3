{{ config(materialized='table', post_hook="analyze {{ this }}") }}

{#
    What has been paid and written off of each posted bill up to the period's last day, in all, and what was paid beyond it.

    A payment that names its bill pays that bill. One that names an account only pays the account's bills in order of issue, as
    far as payments by number leave them open. A recovery is money, and takes back what was written off.
#}

with

run as (

    select * from {{ ref('int_run') }}

),

bills as (

    select * from {{ ref('stg_ledger__customer_bills') }}

),

payments as (

    select payments.*
    from {{ ref('stg_inbox__customer_payments') }} as payments
    inner join run on payments.received_on <= run.period_last_date

),

by_bill as (

    select
        bill_number,
        currency_code,
        cast(sum(collected_minor) as bigint) as collected_minor,
        cast(sum(written_off_minor) as bigint) as written_off_minor
    from payments
    where bill_number is not null
    group by bill_number, currency_code

),

by_account as (

    select
        account_id,
        currency_code,
        cast(sum(collected_minor) as bigint) as collected_minor,
        cast(sum(written_off_minor) as bigint) as written_off_minor
    from payments
    where bill_number is null
    group by account_id, currency_code

),

bills_by_number as (

    select
        bills.*,
        by_bill.bill_number is not null as has_payments_by_number,
        coalesce(by_bill.collected_minor, 0) as collected_by_number_minor,
        coalesce(by_bill.written_off_minor, 0) as written_off_by_number_minor,
        greatest(bills.gross_minor - coalesce(by_bill.collected_minor, 0), 0) as open_minor,
        greatest(bills.gross_minor - coalesce(by_bill.written_off_minor, 0), 0) as not_written_off_minor
    from bills
    left join by_bill
        on bills.bill_number = by_bill.bill_number
        and bills.currency_code = by_bill.currency_code

),

bills_in_order as (

    select
        bills_by_number.*,
        by_account.account_id is not null as has_payments_by_account,
        coalesce(by_account.collected_minor, 0) as account_collected_minor,
        coalesce(by_account.written_off_minor, 0) as account_written_off_minor,
        sum(bills_by_number.open_minor) over (
            partition by bills_by_number.account_id, bills_by_number.currency_code
            order by bills_by_number.issue_date, bills_by_number.bill_number
        ) - bills_by_number.open_minor as open_before_minor,
        sum(bills_by_number.not_written_off_minor) over (
            partition by bills_by_number.account_id, bills_by_number.currency_code
            order by bills_by_number.issue_date, bills_by_number.bill_number
        ) - bills_by_number.not_written_off_minor as not_written_off_before_minor
    from bills_by_number
    left join by_account
        on bills_by_number.account_id = by_account.account_id
        and bills_by_number.currency_code = by_account.currency_code

),

totals as (

    select
        bill_key,
        account_id,
        currency_code,
        net_minor,
        tax_minor,
        gross_minor,
        collected_by_number_minor,
        least(greatest(account_collected_minor - open_before_minor, 0), open_minor) as collected_by_account_minor,
        written_off_by_number_minor
        + least(greatest(account_written_off_minor - not_written_off_before_minor, 0), not_written_off_minor) as written_off_minor
    from bills_in_order
    where
        -- Also where a reversal has taken all of it back: what was settled comes back.
        has_payments_by_account
        or has_payments_by_number
        -- Nobody pays a bill of 0 or a credit: it counts as collected.
        or gross_minor <= 0

)

select
    bill_key,
    account_id,
    currency_code,
    net_minor,
    tax_minor,
    gross_minor,
    cast(least(greatest(collected_by_number_minor + collected_by_account_minor, 0), greatest(gross_minor, 0)) as bigint)
        as collected_minor,
    cast(least(greatest(written_off_minor, 0), greatest(gross_minor, 0)) as bigint) as written_off_minor,
    collected_by_number_minor,
    cast(collected_by_account_minor as bigint) as collected_by_account_minor
from totals
