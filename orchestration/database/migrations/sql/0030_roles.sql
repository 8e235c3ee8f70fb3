-- The five roles of a supply as separate facts: supplier for VAT, issuer, brand, collector, principal or agent.
alter table catalog.legal_entities
    add column is_partner boolean not null default false;       -- a partner's company, for which the operator may bill
alter table catalog.offerings
    add column content_provider_party_id text;                  -- behind the receiver content_provider

create table catalog.brands (
    book_id integer not null references catalog.book_versions,
    brand_id text not null,
    brand_name text not null,
    party_id text not null,
    primary key (book_id, brand_id)
);

-- Towards the customer: per offering, and again per root agreement version that says otherwise for the lines it covers.
create table catalog.customer_roles (
    book_id integer not null references catalog.book_versions,
    offering_id text not null,
    agreement_version_id integer references catalog.agreements, -- null: no agreement, or one that says nothing
    legal_entity_id text not null,                              -- supplier for VAT
    issuer_legal_entity_id text not null,
    mandate text,                                               -- by which another issuer writes in the supplier's name
    brand_id text,                                              -- null: the collector's own name
    collector_legal_entity_id text not null,
    revenue_as text not null check (revenue_as in ('principal', 'agent')),
    principal_party_id text,
    revenue_reason text,
    revenue_approved_by text,
    revenue_approved_on date,
    unique nulls not distinct (book_id, offering_id, agreement_version_id),
    check ((revenue_as = 'agent') = (principal_party_id is not null))
);

-- Whose revenue the lines under a root agreement version are; hops below pay on what they were given.
alter table catalog.agreements
    add column revenue_as text not null default 'principal' check (revenue_as in ('principal', 'agent')),
    add column principal_party_id text;
alter table catalog.agreements add constraint agent_has_a_principal
    check ((revenue_as = 'agent') = (principal_party_id is not null));

-- One statement per account and run: the invoices of all suppliers, the operator's own first; its key and number are theirs.
create view ledger.bill_statements with (security_invoker = true) as
select bills.bill_key, bills.bill_run_id, bills.account_id,
    first_value(bills.bill_key) over statements as statement_key,
    first_value(bills.bill_number) over statements as statement_number,
    row_number() over statements as invoice_place,
    sum(bills.gross_minor) over (partition by bills.bill_run_id, bills.account_id)::bigint as statement_gross_minor
from ledger.customer_bills as bills
join control.bill_runs using (bill_run_id)
left join catalog.legal_entities as entities
    on bill_runs.book_id = entities.book_id and bills.legal_entity_id = entities.legal_entity_id
window statements as (
    partition by bills.bill_run_id, bills.account_id
    order by coalesce(entities.is_partner, false), bills.series_id, bills.number
);
