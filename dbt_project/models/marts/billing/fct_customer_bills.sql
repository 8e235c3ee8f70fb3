{{ config(post_hook="analyze {{ this }}") }}

{# One bill for everything an account owes one legal entity; a line of amount 0 makes a bill too. #}

with

lines as (

    select * from {{ ref('fct_applied_billing_rates') }}

),

bill_taxes as (

    select * from {{ ref('fct_bill_taxes') }}

),

run as (

    select * from {{ ref('int_run') }}

),

accounts as (

    select * from {{ ref('int_billing_accounts_in_run') }}

),

parties as (

    select * from {{ ref('int_parties_in_force') }}

),

lines_by_bill as (

    select
        account_id,
        legal_entity_id,
        count(*) as line_count,
        cast(sum(amount_minor) as bigint) as net_minor,
        cast(sum(coupon_minor) as bigint) as coupon_minor,
        cast(sum(credit_minor) as bigint) as credit_minor
    from lines
    group by account_id, legal_entity_id

),

bills as (

    select
        lines_by_bill.*,
        run.bill_run_id,
        run.period_id,
        run.issue_date,
        {{ bill_key('lines_by_bill', 'run') }} as bill_key
    from lines_by_bill
    cross join run

),

taxes_by_bill as (

    select
        bill_key,
        cast(sum(tax_minor) as bigint) as tax_minor
    from bill_taxes
    group by bill_key

)

select
    bills.bill_run_id,
    bills.period_id,
    bills.bill_key,
    bills.account_id,
    accounts.party_id,
    bills.legal_entity_id,
    accounts.language_code,
    accounts.currency_code,
    jsonb_build_object(
        'name', parties.name,
        'address_lines', parties.address_lines,
        'country_code', parties.country_code,
        'tax_number', parties.tax_number
    ) as customer,
    bills.issue_date,
    bills.issue_date + accounts.due_days as due_date,
    bills.line_count,
    bills.net_minor,
    taxes_by_bill.tax_minor,
    bills.net_minor + taxes_by_bill.tax_minor as gross_minor,
    bills.coupon_minor,
    bills.credit_minor
from bills
inner join accounts on bills.account_id = accounts.account_id
inner join parties on accounts.party_id = parties.party_id
left join taxes_by_bill on bills.bill_key = taxes_by_bill.bill_key
