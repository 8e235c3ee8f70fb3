-- The posted record: append-only. Numbers come from a counter row inside the posting transaction (a sequence leaves gaps).
create schema ledger;

create table ledger.number_series (
    -- bills: 'B/<legal entity>/<year>'; self-billed: 'S/<payer>/<receiver>/<year>'; statements: 'T/<payer>/<year>'
    series_id text primary key,
    prefix text not null unique,             -- a document number is prefix/number: one prefix, one series
    last_number bigint not null default 0,
    last_issue_date date
);

create table ledger.customer_bills (
    bill_key uuid primary key,
    bill_run_id integer not null references control.bill_runs,
    series_id text not null references ledger.number_series,
    number bigint not null,
    bill_number text not null unique,
    period_id text not null,
    account_id text not null,
    party_id text not null,
    legal_entity_id text not null,
    language_code text not null,
    currency_code text not null,
    customer jsonb not null,
    issue_date date not null,
    due_date date not null,
    line_count bigint not null,
    net_minor bigint not null,
    tax_minor bigint not null,
    gross_minor bigint not null,
    check (gross_minor = net_minor + tax_minor),
    unique (series_id, number),
    unique (period_id, account_id, legal_entity_id)   -- one bill per account, supplier and period, whatever the run
);

-- Charge lines already billed: unique for ever, whatever the run.
create table ledger.posted_lines (
    line_key uuid primary key,
    bill_run_id integer not null,
    bill_key uuid not null references ledger.customer_bills,
    amount_minor bigint not null,
    currency_code text not null
);

create table ledger.settlement_documents (
    settlement_key uuid primary key,
    bill_run_id integer not null references control.bill_runs,
    series_id text not null references ledger.number_series,
    number bigint not null,
    document_number text not null unique,
    period_id text not null,
    payer_party_id text not null,
    receiver_party_id text not null,
    receiver jsonb not null,
    document_kind text not null,
    currency_code text not null,
    issue_date date not null,
    due_date date not null,
    position_minor bigint not null,
    tax_minor bigint not null,
    document_minor bigint not null,
    withheld_minor bigint not null,
    payment_minor bigint not null,
    is_paid_by_operator boolean not null,
    check (document_minor = position_minor + tax_minor),
    check (payment_minor = document_minor - withheld_minor),
    unique (series_id, number)
);

create table ledger.posted_positions (
    position_key uuid primary key,
    settlement_key uuid not null references ledger.settlement_documents,
    settlement_amount_minor bigint not null,
    currency_code text not null
);

create table ledger.journal_lines (
    transaction_key uuid not null,
    entry_number integer not null,
    bill_run_id integer not null references control.bill_runs,
    posting_date date not null,
    ledger_account text not null,
    party_id text not null,
    currency_code text not null,
    amount_minor bigint not null,
    primary key (transaction_key, entry_number)
);

create table ledger.payments (
    payment_id text primary key,             -- made from the settlement key: the same for ever
    settlement_key uuid not null unique references ledger.settlement_documents,
    end_to_end_id text not null unique,
    payer_party_id text not null,
    receiver_party_id text not null,
    bank_account text not null,
    currency_code text not null,
    amount_minor bigint not null check (amount_minor > 0),
    execution_date date not null,
    paid_in_run text not null,
    created_at timestamptz not null default now()
);

do $$
declare relation text;
begin
    foreach relation in array array['customer_bills', 'posted_lines', 'settlement_documents', 'posted_positions',
                                    'journal_lines', 'payments'] loop
        execute format('create trigger append_only before update or delete on ledger.%I
                        for each row execute function control.refuse_change()', relation);
        execute format('create trigger append_only_truncate before truncate on ledger.%I
                        for each statement execute function control.refuse_change()', relation);
    end loop;
end $$;

-- A counter only goes up, and its last issue date only forward.
create function ledger.guard_number_series() returns trigger language plpgsql as $$
begin
    if tg_op <> 'UPDATE' or new.series_id <> old.series_id or new.prefix <> old.prefix
        or new.last_number < old.last_number or new.last_issue_date < old.last_issue_date then
        raise exception 'ledger.number_series %: % refused. A series keeps its name, and its last number and issue date never go back.',
            old.series_id, tg_op using errcode = 'restrict_violation';
    end if;
    return new;
end $$;
create trigger only_forward before update or delete on ledger.number_series
    for each row execute function ledger.guard_number_series();
create trigger append_only_truncate before truncate on ledger.number_series
    for each statement execute function control.refuse_change();

-- Double entry: the entries of a transaction arrive in one statement and sum to zero per currency.
create function ledger.refuse_unbalanced() returns trigger language plpgsql as $$
declare unbalanced record;
begin
    select transaction_key, currency_code, sum(amount_minor) as difference_minor into unbalanced
    from ledger.journal_lines
    where transaction_key in (select new_lines.transaction_key from new_lines)
    group by transaction_key, currency_code
    having sum(amount_minor) <> 0
    limit 1;
    if found then
        raise exception 'ledger.journal_lines: transaction % is out of balance by % minor units of %; expected 0.',
            unbalanced.transaction_key, unbalanced.difference_minor, unbalanced.currency_code
            using errcode = 'check_violation';
    end if;
    return null;
end $$;
create trigger balanced after insert on ledger.journal_lines referencing new table as new_lines
    for each statement execute function ledger.refuse_unbalanced();
