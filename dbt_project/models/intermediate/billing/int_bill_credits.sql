{#
    What a bill credits against its receivable, by account of the journal: the operator's revenue as a principal; as an agent what it
    owes its principal; tax to the tax office, or to the partner who supplied and owes it.
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

select
    bills.bill_key,
    3,
    case when coalesce(legal_entities.is_partner, false) then 'principal_payable' else 'output_tax' end,
    case when coalesce(legal_entities.is_partner, false) then legal_entities.party_id else bills.party_id end,
    bills.currency_code,
    -bills.tax_minor
from bills
left join legal_entities on bills.legal_entity_id = legal_entities.legal_entity_id
