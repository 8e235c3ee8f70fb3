-- Allowances in full: who shares them, in which order they are used up, what becomes of a rest.
alter table catalog.allowances
    add column shared_by text not null default 'product' check (shared_by in ('product', 'account', 'group')),
    add column priority integer not null default 100,
    add column pass_number smallint not null default 1 check (pass_number between 1 and 3),
    add column rollover_expiry text check (rollover_expiry in ('next_period', 'never')),   -- null: no rollover
    add column rollover_maximum numeric(18, 6) check (rollover_maximum > 0 and rollover_maximum < 'Infinity');

-- Prices of other offerings that draw from an allowance, besides those that name it.
create table catalog.allowance_covers (
    book_id integer not null,
    offering_id text not null,
    allowance_id text not null,
    covered_offering_id text not null,
    covered_price_id text not null,
    primary key (book_id, offering_id, allowance_id, covered_offering_id, covered_price_id),
    foreign key (book_id, offering_id, allowance_id) references catalog.allowances (book_id, offering_id, allowance_id)
);

-- Accounts that share allowances: a family, a company. The record with the latest start before the period's end counts.
create table inbox.account_groups (
    account_id text not null check (account_id ~ '^[A-Za-z0-9_-]{1,40}$'),
    effective_from timestamptz not null,
    effective_until timestamptz,
    group_id text not null check (group_id ~ '^[A-Za-z0-9_-]{1,40}$'),
    file_id integer not null references inbox.files,
    line_number integer not null,
    primary key (account_id, effective_from)
);

-- From which buckets an event was covered; null for usage without allowance. The first bucket covered what the others did not.
alter table published.fct_rated_usage
    add column bucket_1_number integer,
    add column bucket_2_number integer,
    add column bucket_2_units bigint,
    add column bucket_3_number integer,
    add column bucket_3_units bigint;

-- What buckets hold and what each account has taken out in this run. Late usage takes from the bucket of its own period.
create table published.fct_bucket_balances (
    bill_run_id integer not null,
    bucket_number integer not null,          -- as in fct_rated_usage of the same run
    bucket_key uuid not null,                -- the same in every run: allowance, who shares it, start of its period
    account_id text not null,                -- an account that may draw from it
    offering_id text not null,
    allowance_id text not null,
    shared_by text not null,
    shared_id text not null,                 -- the product, account or group
    period_start timestamptz not null,
    period_end timestamptz not null,
    quantity_scale integer not null,
    granted_units bigint not null,           -- new in this period
    rolled_over_units bigint not null,       -- carried into it
    used_before_units bigint not null,       -- by all accounts, in earlier runs
    used_units bigint not null,              -- by this account, in this run
    left_units bigint not null,              -- after this run, for all
    primary key (bill_run_id, bucket_number, account_id)
);
create index fct_bucket_balances_key on published.fct_bucket_balances (bucket_key);

create trigger posted_insert after insert on published.fct_bucket_balances referencing new table as changed_rows
    for each statement execute function control.refuse_posted_rows();
create trigger posted_delete after delete on published.fct_bucket_balances referencing old table as changed_rows
    for each statement execute function control.refuse_posted_rows();
create trigger posted_update_old after update on published.fct_bucket_balances referencing old table as changed_rows
    for each statement execute function control.refuse_posted_rows();
create trigger posted_update_new after update on published.fct_bucket_balances referencing new table as changed_rows
    for each statement execute function control.refuse_posted_rows();
create trigger posted_truncate before truncate on published.fct_bucket_balances
    for each statement execute function control.refuse_truncate_when_posted();
