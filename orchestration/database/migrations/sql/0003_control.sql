-- Runs, leases, gates, parking, audit: what is true at any time.
create schema control;

-- One row per lane. The token travels as a connection option (apportion.token); every dbt model locks this row
-- `for share` in its own transaction and raises when the token is not the current one.
create table control.leases (
    lane text primary key check (lane in ('build', 'whatif', 'conformance', 'running')),
    token bigint not null default 0,
    holder text,                             -- Dagster run id or command
    period_id text,
    taken_at timestamptz
);
insert into control.leases (lane) values ('build'), ('whatif'), ('conformance'), ('running');

-- sequence 0 = the ordinary run of the period; 1.. = supplements for accounts parked when the period was posted.
create table control.bill_runs (
    bill_run_id integer generated always as identity primary key,
    lane text not null references control.leases,
    period_id text not null check (period_id ~ '^[0-9]{4}-[0-9]{2}-c[0-9]{2}$'),
    sequence integer not null default 0,
    state text not null check (state in ('open', 'published', 'posted')),
    period_start timestamptz not null,       -- local midnights of the operator, half-open
    period_end timestamptz not null,
    issue_date date not null,                -- business date on the documents, a run parameter
    book_id integer not null references catalog.book_versions,
    sealed_batch_id integer not null,        -- input = batches up to this one
    input_digest text,
    output_digest text,
    token bigint not null,
    code_version text not null,
    opened_at timestamptz not null default now(),
    published_at timestamptz,
    posted_at timestamptz,
    unique (lane, period_id, sequence)
);

create table control.gates (
    gate_id integer generated always as identity primary key,
    bill_run_id integer references control.bill_runs,
    batch_id integer references inbox.batches,     -- the usage door has no bill run
    gate text not null check (gate in ('usage_in', 'lines_before_posting', 'payouts_before_paying')),
    input_digest text not null,
    passed boolean not null,
    checks jsonb not null,                   -- [{"check": ..., "rows_checked": n, "failures": n, "passed": true}]
    rows_checked bigint not null,
    checked_at timestamptz not null default now()
);

create table control.audit_chain (
    entry_number bigint primary key,
    previous_hash text not null,
    entry_hash text not null unique,
    payload jsonb not null,
    written_at timestamptz not null default now()
);
