{#
    What a bill credits against its receivable, by account of the journal: the operator's revenue as a principal; as an agent what it
    owes its principal; tax to the tax office, or to the partner who supplied and owes it. Further taxes have accounts of their own:
    they are often owed to somebody else.
#}

with

bills as (

    select * from {{ ref('fct_customer_bills') }}

),

lines as (

    select * from {{ ref('fct_applied_billing_rates') }}

),

bill_taxes as (

    select * from {{ ref('fct_bill_taxes') }}

),

legal_entities as (

    select * from {{ ref('stg_catalog__legal_entities') }}

),

agreement_terms as (

    select * from {{ ref('stg_catalog__agreement_terms') }}

),

agreements as (

    select * from {{ ref('stg_catalog__agreements') }}

),

nets as (

    select
        lines.account_id,
        lines.legal_entity_id,
        agreements.principal_party_id,
        cast(sum(lines.amount_minor) as bigint) as net_minor
    from lines
    left join agreement_terms on lines.terms_id = agreement_terms.terms_id
    left join agreements on agreement_terms.root_agreement_version_id = agreements.agreement_version_id
    group by lines.account_id, lines.legal_entity_id, agreements.principal_party_id

),

taxes as (

    select
        bill_taxes.bill_key,
        case
            when coalesce(legal_entities.is_partner, false) then 'principal_payable'
            when bill_taxes.tax_id = 'vat' then 'output_tax'
            else 'output_tax ' || bill_taxes.tax_id
        end as ledger_account,
        case when coalesce(legal_entities.is_partner, false) then legal_entities.party_id else bills.party_id end as party_id,
        bills.currency_code,
        cast(sum(bill_taxes.tax_minor) as bigint) as tax_minor
    from bill_taxes
    inner join bills on bill_taxes.bill_key = bills.bill_key
    left join legal_entities on bills.legal_entity_id = legal_entities.legal_entity_id
    group by 1, 2, 3, 4

)

select
    bills.bill_key,
    2 as entry_order,
    case when nets.principal_party_id is null then 'service_revenue' else 'principal_payable' end as ledger_account,
    coalesce(nets.principal_party_id, bills.party_id) as party_id,
    bills.currency_code,
    -nets.net_minor as amount_minor
from bills
inner join nets
    on bills.account_id = nets.account_id
    and bills.legal_entity_id = nets.legal_entity_id

union all

select bill_key, 3, ledger_account, party_id, currency_code, -tax_minor
from taxes
