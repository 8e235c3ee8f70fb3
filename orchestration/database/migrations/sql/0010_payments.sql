-- Payments: what each one clears, the bank's files, who released them, and what the bank answered. Append-only.

-- The account of a legal entity from which payments in one currency are made.
create table catalog.payment_accounts (
    book_id integer not null references catalog.book_versions,
    legal_entity_id text not null,
    currency_code text not null,
    iban text not null,
    bic text,
    primary key (book_id, legal_entity_id, currency_code),
    foreign key (book_id, legal_entity_id) references catalog.legal_entities (book_id, legal_entity_id)
);
insert into catalog.payment_accounts (book_id, legal_entity_id, currency_code, iban)
select book_id, legal_entity_id, currency_code, bank_account from catalog.legal_entities where bank_account is not null;

-- A payment may clear several documents, and a document may be cleared in parts, so the document leaves the payment.
create table ledger.payment_clearings (
    settlement_key uuid not null references ledger.settlement_documents,
    part_number integer not null check (part_number >= 1),
    attempt_number integer not null check (attempt_number >= 1),  -- a further attempt follows a reversed payment
    payment_id text not null references ledger.payments,
    cleared_minor bigint not null check (cleared_minor <> 0),     -- sign of the document's own payment
    primary key (settlement_key, part_number, attempt_number)
);
insert into ledger.payment_clearings
select settlement_key, 1, 1, payment_id, amount_minor from ledger.payments;

alter table ledger.payments
    drop column settlement_key,
    drop constraint payments_amount_minor_check,
    add column receiver_name text not null default '',
    add column debtor_account text not null default '',
    add column debtor_bic text,
    add column debtor_name text not null default '',
    add column remittance_text text not null default '',
    add column proposed_by text not null default 'unknown',
    -- 0 when mutual claims cancel out: nothing is sent, the claims are cleared all the same
    add constraint payments_amount_minor_check check (amount_minor >= 0);
alter table ledger.payments
    alter column receiver_name drop default,
    alter column debtor_account drop default,
    alter column debtor_name drop default,
    alter column remittance_text drop default,
    alter column proposed_by drop default;

-- A payment that the checker declined or the bank rejected: its claims are open again, for a payment with another id.
create table ledger.payment_reversals (
    payment_id text primary key references ledger.payments,
    reason_code text not null check (reason_code in ('declined', 'rejected')),
    detail text not null,
    reversed_at timestamptz not null default now()
);

-- One bank file, made once: the same ids and bytes for ever. One currency and one debtor account each.
create table ledger.payment_files (
    message_id text primary key check (message_id ~ '^[A-Z0-9]{1,35}$'),
    currency_code text not null,
    debtor_account text not null,
    transaction_count integer not null check (transaction_count > 0),
    control_sum_minor bigint not null check (control_sum_minor > 0),
    content text not null,
    content_sha256 text not null check (content_sha256 = encode(sha256(convert_to(content, 'UTF8')), 'hex')),
    prepared_by text not null check (btrim(prepared_by) <> ''),
    prepared_at timestamptz not null
);

create table ledger.payment_file_entries (
    payment_id text primary key references ledger.payments,
    message_id text not null references ledger.payment_files
);
create index payment_file_entries_message on ledger.payment_file_entries (message_id);

-- The second pair of eyes. The checker names the bytes that were looked at.
create table ledger.payment_decisions (
    message_id text primary key references ledger.payment_files,
    decision text not null check (decision in ('approved', 'declined')),
    decided_by text not null check (btrim(decided_by) <> ''),
    content_sha256 text not null,
    detail text not null default '',
    decided_at timestamptz not null default now()
);

-- `started` is committed before the file is put where the bank takes it, `done` after. A file that was started and never
-- done may be with the bank already: it is handed over again only when a person says so.
create table ledger.payment_handovers (
    message_id text not null references ledger.payment_files,
    attempt_number integer not null check (attempt_number >= 1),
    step text not null check (step in ('started', 'done')),
    handed_over_by text not null,
    happened_at timestamptz not null default now(),
    primary key (message_id, attempt_number, step)
);

-- Status reports of the bank (pain.002), kept whole, each taken in once.
create table ledger.bank_answers (
    answer_sha256 text primary key check (answer_sha256 = encode(sha256(convert_to(content, 'UTF8')), 'hex')),
    file_name text not null,
    message_id text,                         -- the file it is about; null when that is none of ours
    group_status text,
    group_reason text,
    content text not null,
    received_at timestamptz not null default now()
);
create table ledger.payment_answers (
    answer_sha256 text not null references ledger.bank_answers,
    payment_id text not null references ledger.payments,
    status text not null check (status in ('accepted', 'pending', 'rejected')),
    status_code text not null,               -- as the bank wrote it: ACCP, ACSC, RJCT ...
    reason_code text,
    detail text not null default '',
    primary key (answer_sha256, payment_id)
);

-- Entries of a payment belong to no bill run.
alter table ledger.journal_lines alter column bill_run_id drop not null;

do $$
declare relation text;
begin
    foreach relation in array array['payment_clearings', 'payment_reversals', 'payment_files', 'payment_file_entries',
                                    'payment_decisions', 'payment_handovers', 'bank_answers', 'payment_answers'] loop
        execute format('create trigger append_only before update or delete on ledger.%I
                        for each row execute function control.refuse_change()', relation);
        execute format('create trigger append_only_truncate before truncate on ledger.%I
                        for each statement execute function control.refuse_change()', relation);
    end loop;
end $$;

-- A claim is cleared once: further attempts only after the one before was reversed, and never more than is owed.
create function ledger.refuse_double_clearing() returns trigger language plpgsql as $$
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
    select documents.settlement_key, documents.payment_minor, sum(clearings.cleared_minor) as cleared_minor into found_fault
    from ledger.settlement_documents as documents
    join ledger.payment_clearings as clearings using (settlement_key)
    left join ledger.payment_reversals as reversals using (payment_id)
    where reversals.payment_id is null and documents.settlement_key in (select settlement_key from new_rows)
    group by documents.settlement_key, documents.payment_minor
    having sign(sum(clearings.cleared_minor)) <> sign(documents.payment_minor)
        or abs(sum(clearings.cleared_minor)) > abs(documents.payment_minor)
    limit 1;
    if found then
        raise exception 'ledger.payment_clearings: % minor units of settlement % cleared, owed are %.',
            found_fault.cleared_minor, found_fault.settlement_key, found_fault.payment_minor using errcode = 'check_violation';
    end if;
    select payments.payment_id, payments.amount_minor, sum(clearings.cleared_minor) as cleared_minor into found_fault
    from ledger.payments
    join ledger.payment_clearings as clearings using (payment_id)
    join ledger.settlement_documents as documents using (settlement_key)
    where payments.payment_id in (select payment_id from new_rows)
    group by payments.payment_id, payments.amount_minor
    -- What the receiver owes the payer counts against what the payer owes.
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
create trigger cleared_once after insert on ledger.payment_clearings referencing new table as new_rows
    for each statement execute function ledger.refuse_double_clearing();

-- Maker and checker are two people, and the checker saw the bytes that are kept.
create function ledger.guard_payment_decision() returns trigger language plpgsql as $$
declare file ledger.payment_files;
begin
    select * into file from ledger.payment_files where message_id = new.message_id;
    if lower(btrim(file.prepared_by)) = lower(btrim(new.decided_by)) or exists (
        select from ledger.payment_file_entries join ledger.payments using (payment_id)
        where message_id = new.message_id and lower(btrim(proposed_by)) = lower(btrim(new.decided_by))
    ) then
        raise exception 'payment file %: % has made it and cannot decide on it. A second person decides.',
            new.message_id, new.decided_by using errcode = 'check_violation';
    end if;
    if file.content_sha256 <> new.content_sha256 then
        raise exception 'payment file %: decided on %, kept is %.', new.message_id, new.content_sha256, file.content_sha256
            using errcode = 'check_violation';
    end if;
    return new;
end $$;
create trigger second_person before insert on ledger.payment_decisions
    for each row execute function ledger.guard_payment_decision();

create function ledger.guard_payment_handover() returns trigger language plpgsql as $$
begin
    if not exists (select from ledger.payment_decisions
                   where message_id = new.message_id and decision = 'approved') then
        raise exception 'payment file % is not approved: it is not handed over.', new.message_id
            using errcode = 'check_violation';
    end if;
    return new;
end $$;
create trigger approved_only before insert on ledger.payment_handovers
    for each row execute function ledger.guard_payment_handover();

-- Where each payment stands, by what was recorded last.
create view ledger.payment_states with (security_invoker = true) as
with last_answers as (
    select distinct on (payment_answers.payment_id) payment_answers.*
    from ledger.payment_answers
    join ledger.bank_answers using (answer_sha256)
    -- A refusal is final whenever it comes; the same instant is possible only within one report.
    order by payment_answers.payment_id, payment_answers.status = 'rejected' desc, bank_answers.received_at desc
),
handovers as (
    select message_id, max(attempt_number) as attempt_number,
        max(attempt_number) filter (where step = 'done') as done_attempt_number
    from ledger.payment_handovers
    group by message_id
)
select payments.payment_id, entries.message_id,
    case
        when reversals.reason_code is not null then reversals.reason_code
        when last_answers.status = 'accepted' then 'accepted'
        when last_answers.status = 'pending' then 'pending'
        when payments.amount_minor = 0 then 'netted'
        when handovers.done_attempt_number = handovers.attempt_number then 'handed_over'
        when handovers.attempt_number is not null then 'unknown'
        when decisions.decision = 'approved' then 'approved'
        when entries.message_id is not null then 'prepared'
        else 'proposed'
    end as state,
    coalesce(last_answers.status_code, '') as status_code,
    coalesce(last_answers.reason_code, '') as reason_code,
    coalesce(reversals.detail, last_answers.detail, '') as detail
from ledger.payments
left join ledger.payment_file_entries as entries using (payment_id)
left join ledger.payment_decisions as decisions using (message_id)
left join handovers using (message_id)
left join last_answers using (payment_id)
left join ledger.payment_reversals as reversals using (payment_id);
