{#
    Money of bills that a partner supplied: the operator collects it, tax included, and owes it to the partner. It is no consideration
    for anything the partner does for the operator, so it has no VAT of its own and a document of its own.
#}

with

bills as (

    select * from {{ ref('fct_customer_bills') }}

),

lines as (

    select * from {{ ref('fct_applied_billing_rates') }}

),

legal_entities as (

    select * from {{ ref('stg_catalog__legal_entities') }}

),

run as (

    select * from {{ ref('int_run') }}

),

agreement_terms as (

    select * from {{ ref('stg_catalog__agreement_terms') }}

),

agreements as (

    select * from {{ ref('stg_catalog__agreements') }}

),

-- One bill may hold lines of several agreements with its supplier; paying on the earliest day is never late.
due_days_by_bill as (

    select
        lines.account_id,
        lines.legal_entity_id,
        min(agreements.due_days) as due_days
    from lines
    inner join agreement_terms on lines.terms_id = agreement_terms.terms_id
    inner join agreements on agreement_terms.root_agreement_version_id = agreements.agreement_version_id
    group by lines.account_id, lines.legal_entity_id

)

select
    {{ natural_key(["'collected'", 'bills.bill_key']) }} as item_key,
    run.operator_party_id as payer_party_id,
    legal_entities.party_id as receiver_party_id,
    bills.currency_code,
    bills.gross_minor as amount_minor,
    bills.account_id as reference,
    coalesce(due_days_by_bill.due_days, 0) as due_days
from bills
cross join run
inner join legal_entities on bills.legal_entity_id = legal_entities.legal_entity_id
left join due_days_by_bill
    on bills.account_id = due_days_by_bill.account_id
    and bills.legal_entity_id = due_days_by_bill.legal_entity_id
where legal_entities.is_partner
