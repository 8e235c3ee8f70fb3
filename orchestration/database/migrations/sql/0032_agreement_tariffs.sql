-- Tariffs of agreements: price lists between partners, and the lines that their usage becomes.
alter table catalog.offerings drop constraint offerings_offering_kind_check;
alter table catalog.offerings
    add constraint offerings_offering_kind_check check (offering_kind in ('simple', 'bundle', 'agreement'));
alter table catalog.usage_specification_versions
    add column guided_to text not null default 'product' check (guided_to in ('product', 'agreement', 'either'));

-- The prices of a tariff are those of the offering of the same id: <agreement>/<tariff>, kind `agreement`.
create table catalog.agreement_tariffs (
    book_id integer not null,
    offering_id text not null,
    agreement_id text not null,
    tariff_id text not null,
    payer_party_id text not null,
    receiver_party_id text not null,
    is_settled boolean not null,             -- false: only the amount of a sharing item
    primary key (book_id, offering_id),
    foreign key (book_id, offering_id) references catalog.offerings (book_id, offering_id)
);

-- Usage that a tariff is for: of one specification, where all conditions hold and, if named, an identifier is the agreement's.
create table catalog.agreement_tariff_covers (
    cover_id integer generated always as identity primary key,
    book_id integer not null,
    offering_id text not null,
    usage_specification_id integer not null references catalog.usage_specifications,
    identified_characteristic text,
    identifier_kind text,
    foreign key (book_id, offering_id) references catalog.agreement_tariffs (book_id, offering_id),
    check ((identified_characteristic is null) = (identifier_kind is null))
);

create table catalog.agreement_tariff_conditions (
    cover_id integer not null references catalog.agreement_tariff_covers,
    characteristic text not null,
    zone_list text,                          -- null: compare the value itself
    allowed_values text[] not null,
    primary key (cover_id, characteristic)
);

-- Lines that partners owe each other for usage, exact; positions sum them up and round once.
create table published.fct_applied_party_billing_rates (
    bill_run_id integer not null,
    period_id text not null,
    line_key uuid not null,
    agreement_id text not null,
    agreement_version_id integer not null,   -- whose settlement terms hold
    tariff_id text not null,
    price_id text not null,
    price_version_id integer not null,
    payer_party_id text not null,
    receiver_party_id text not null,
    service_kind text not null,
    product_number integer not null,         -- dim_rated_products of the same run: the events of the line
    is_settled boolean not null,
    covered_from timestamptz not null,
    covered_until timestamptz,
    is_late boolean not null,
    event_count bigint not null,
    billed_quantity numeric(38, 6) not null,
    currency_code text not null,
    tax_category text not null,
    amount_exact numeric(38, 16) not null,
    primary key (bill_run_id, line_key)
);
alter table published.fct_applied_party_billing_rates
    add constraint fct_applied_party_billing_rates_amount_exact_finite check (amount_exact <> 'NaN'),
    add constraint fct_applied_party_billing_rates_billed_quantity_finite check (billed_quantity <> 'NaN');
create trigger posted_insert after insert on published.fct_applied_party_billing_rates referencing new table as changed_rows
    for each statement execute function control.refuse_posted_rows();
create trigger posted_delete after delete on published.fct_applied_party_billing_rates referencing old table as changed_rows
    for each statement execute function control.refuse_posted_rows();
create trigger posted_update_old after update on published.fct_applied_party_billing_rates referencing old table as changed_rows
    for each statement execute function control.refuse_posted_rows();
create trigger posted_update_new after update on published.fct_applied_party_billing_rates referencing new table as changed_rows
    for each statement execute function control.refuse_posted_rows();
create trigger posted_truncate before truncate on published.fct_applied_party_billing_rates
    for each statement execute function control.refuse_truncate_when_posted();

-- An agreement with tariffs is an account of the run (`agreement:<id>`): settled, parked or nothing to settle.
alter table published.fct_account_outcomes drop constraint fct_account_outcomes_outcome_check;
alter table published.fct_account_outcomes
    add constraint fct_account_outcomes_outcome_check check (outcome in ('billed', 'settled', 'parked', 'nothing_to_bill'));
