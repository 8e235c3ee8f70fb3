-- Typed items between positions and payments: agreement items, withholding, retention. And what they are made from.

alter table catalog.agreements
    add column payment_class text,                 -- null: no tax is withheld
    add column is_grossed_up boolean not null default false,
    add column retention_percent numeric(13, 10),
    add column retention_days integer;

-- Guarantees, caps, recoupments and fees, in the order in which they work.
create table catalog.agreement_items (
    agreement_version_id integer not null references catalog.agreements,
    item_number integer not null check (item_number between 1 and 8),
    item_id text not null,
    item_kind text not null check (item_kind in ('minimum_guarantee', 'cap', 'recoupment', 'fee')),
    receiver_party_id text not null,
    amount numeric(18, 4) not null,                -- major units of the settlement currency
    measurement_period text check (measurement_period in ('month', 'year')),
    true_up text not null check (true_up in ('each_period', 'at_end')),
    percent numeric(13, 10) not null,
    is_taken_off boolean not null,
    primary key (agreement_version_id, item_number)
);

create table catalog.withholding_rules (
    book_id integer not null references catalog.book_versions,
    payment_class text not null,
    payer_country_code text not null,
    receiver_country_code text not null,
    rate_percent numeric(13, 10) not null check (rate_percent >= 0 and rate_percent <= 100),
    certificate_rate_percent numeric(13, 10) check (certificate_rate_percent >= 0 and certificate_rate_percent <= 100),
    is_rounded_to_major boolean not null,
    effective_from date not null,
    effective_until date,
    primary key (book_id, payment_class, payer_country_code, receiver_country_code, effective_from)
);

-- Certificates of residence, and amounts that a person adds to a settlement.
create table inbox.tax_certificates (
    party_id text not null,
    reference text not null,
    effective_from date not null,
    effective_until date not null,
    file_id integer not null references inbox.files,
    line_number integer not null,
    primary key (party_id, reference)
);
create table inbox.adjustments (
    adjustment_id text primary key,
    effective_from date not null,
    agreement_id text not null,
    receiver_party_id text not null,
    currency_code text not null,
    amount_minor bigint not null,                  -- what the receiver gets more; negative: less
    reason text not null,
    requested_by text not null,
    approved_by text not null,
    file_id integer not null references inbox.files,
    line_number integer not null
);

alter table published.fct_party_settlements
    add column retained_minor bigint not null default 0,
    add column retention_release_date date;
alter table published.fct_party_settlements alter column retained_minor drop default;
create table published.fct_settlement_items (
    bill_run_id integer not null,
    period_id text not null,
    settlement_key uuid not null,
    item_key uuid not null,
    stage text not null check (stage in ('position', 'document', 'payment')),
    item_kind text not null,
    agreement_id text,
    item_id text not null,
    payer_party_id text not null,
    receiver_party_id text not null,
    currency_code text not null,
    basis_minor bigint,
    rate_percent numeric(13, 10),
    amount_minor bigint not null,                  -- what the receiver gets more; negative: less
    settled_on date not null,                      -- last day of the period
    reference text,
    primary key (bill_run_id, item_key)
);
create trigger posted_insert after insert on published.fct_settlement_items referencing new table as changed_rows
    for each statement execute function control.refuse_posted_rows();
create trigger posted_delete after delete on published.fct_settlement_items referencing old table as changed_rows
    for each statement execute function control.refuse_posted_rows();
create trigger posted_update_old after update on published.fct_settlement_items referencing old table as changed_rows
    for each statement execute function control.refuse_posted_rows();
create trigger posted_update_new after update on published.fct_settlement_items referencing new table as changed_rows
    for each statement execute function control.refuse_posted_rows();
create trigger posted_truncate before truncate on published.fct_settlement_items
    for each statement execute function control.refuse_truncate_when_posted();

alter table ledger.settlement_documents
    add column retained_minor bigint not null default 0,
    add column retention_release_date date,
    drop constraint settlement_documents_check1,
    add constraint payment_is_document_less check (payment_minor = document_minor - withheld_minor - retained_minor),
    add constraint retention_has_a_release check (retained_minor = 0 or retention_release_date is not null);
alter table ledger.settlement_documents alter column retained_minor drop default;
create table ledger.settlement_items (
    item_key uuid primary key,
    settlement_key uuid not null references ledger.settlement_documents,
    stage text not null,
    item_kind text not null,
    agreement_id text,
    item_id text not null,
    payer_party_id text not null,
    receiver_party_id text not null,
    currency_code text not null,
    basis_minor bigint,
    rate_percent numeric(13, 10),
    amount_minor bigint not null,
    settled_on date not null,
    reference text
);
create index settlement_items_agreement on ledger.settlement_items (agreement_id, receiver_party_id, settled_on);
create trigger append_only before update or delete on ledger.settlement_items
    for each row execute function control.refuse_change();
create trigger append_only_truncate before truncate on ledger.settlement_items
    for each statement execute function control.refuse_change();

-- Documents of earlier versions: their positions and tax, so that later periods find what was settled before.
insert into ledger.settlement_items (item_key, settlement_key, stage, item_kind, agreement_id, item_id, payer_party_id,
    receiver_party_id, currency_code, amount_minor, settled_on)
select positions.position_key, positions.settlement_key, 'position', 'share', published.agreement_id, published.item_id,
    published.payer_party_id, published.receiver_party_id, positions.currency_code, positions.settlement_amount_minor,
    (bill_runs.period_end at time zone book_versions.time_zone)::date - 1
from ledger.posted_positions as positions
join ledger.settlement_documents as documents using (settlement_key)
join published.fct_positions as published using (bill_run_id, position_key)
join control.bill_runs using (bill_run_id)
join catalog.book_versions using (book_id);

-- A claim may be cleared up to the whole of its part: 1 is the payment, 2 what was retained.
create or replace function ledger.refuse_double_clearing() returns trigger language plpgsql as $$
declare found_fault record;
begin
    select new_rows.settlement_key, new_rows.attempt_number into found_fault
    from new_rows
    where new_rows.attempt_number > 1 and not exists (
        select from ledger.payment_clearings as before
        join ledger.payment_reversals using (payment_id)
        where before.settlement_key = new_rows.settlement_key and before.part_number = new_rows.part_number
            and before.attempt_number = new_rows.attempt_number - 1
    )
    limit 1;
    if found then
        raise exception 'ledger.payment_clearings: attempt % of settlement % although the attempt before was not reversed.',
            found_fault.attempt_number, found_fault.settlement_key using errcode = 'unique_violation';
    end if;
    select documents.settlement_key, sum(clearings.cleared_minor) as cleared_minor,
        min(case clearings.part_number when 1 then documents.payment_minor when 2 then documents.retained_minor else 0 end)
            as owed_minor
    into found_fault
    from ledger.settlement_documents as documents
    join ledger.payment_clearings as clearings using (settlement_key)
    left join ledger.payment_reversals as reversals using (payment_id)
    where reversals.payment_id is null and documents.settlement_key in (select settlement_key from new_rows)
    group by documents.settlement_key, clearings.part_number
    having sign(sum(clearings.cleared_minor)) <> sign(
            min(case clearings.part_number when 1 then documents.payment_minor when 2 then documents.retained_minor else 0 end))
        or abs(sum(clearings.cleared_minor)) > abs(
            min(case clearings.part_number when 1 then documents.payment_minor when 2 then documents.retained_minor else 0 end))
    limit 1;
    if found then
        raise exception 'ledger.payment_clearings: % minor units of settlement % cleared, owed are %.',
            found_fault.cleared_minor, found_fault.settlement_key, found_fault.owed_minor using errcode = 'check_violation';
    end if;
    select payments.payment_id, payments.amount_minor, sum(clearings.cleared_minor) as cleared_minor into found_fault
    from ledger.payments
    join ledger.payment_clearings as clearings using (payment_id)
    join ledger.settlement_documents as documents using (settlement_key)
    where payments.payment_id in (select payment_id from new_rows)
    group by payments.payment_id, payments.amount_minor
    having sum(case when documents.payer_party_id = payments.payer_party_id then 1 else -1 end * clearings.cleared_minor)
        <> payments.amount_minor
        or bool_or(documents.currency_code <> payments.currency_code)
    limit 1;
    if found then
        raise exception 'ledger.payment_clearings: payment % is not the sum of what it clears.', found_fault.payment_id
            using errcode = 'check_violation';
    end if;
    return null;
end $$;
