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
    build_number integer not null default 1, -- counts the openings of this draft; a gate holds for one build only
    state text not null check (state in ('open', 'published', 'posted')),
    period_start timestamptz not null,       -- local midnights of the operator, half-open
    period_end timestamptz not null,
    issue_date date not null,                -- business date on the documents, a run parameter
    book_id integer not null references catalog.book_versions,
    sealed_batch_id integer not null,        -- input = batches up to this one
    input_digest text,
    input_parts jsonb,                       -- the named parts of the input digest, to say which of them changed
    output_digest text,                      -- over the rows that were published; posting computes it again
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
    build_number integer,                          -- of the bill run; null at the usage door
    gate text not null check (gate in ('usage_in', 'lines_before_posting', 'payouts_before_paying')),
    input_digest text not null,
    output_digest text,                            -- of the rows the checks looked at; null at the usage door
    passed boolean not null,
    checks jsonb not null,                   -- [{"check": ..., "rows_checked": n, "failures": n, "passed": true}]
    rows_checked bigint not null,
    checked_at timestamptz not null default now(),
    check ((bill_run_id is null) <> (batch_id is null)),
    check ((bill_run_id is null) = (build_number is null))
);
create index gates_bill_run on control.gates (bill_run_id, gate) where bill_run_id is not null;
create index gates_batch on control.gates (batch_id) where batch_id is not null;

create table control.audit_chain (
    entry_number bigint primary key,
    previous_hash text not null,
    entry_hash text not null unique,
    payload jsonb not null,
    written_at timestamptz not null default now()
);

-- What is written once stays: triggers say so to every role, the owner of the tables included.
create function control.refuse_change() returns trigger language plpgsql as $$
begin
    raise exception '%.% is append-only: % refused. Correct a posted record with a new one.',
        tg_table_schema, tg_table_name, tg_op using errcode = 'restrict_violation';
end $$;

do $$
declare relation text;
begin
    foreach relation in array array['gates', 'audit_chain'] loop
        execute format('create trigger append_only before update or delete on control.%I
                        for each row execute function control.refuse_change()', relation);
        execute format('create trigger append_only_truncate before truncate on control.%I
                        for each statement execute function control.refuse_change()', relation);
    end loop;
end $$;

-- A bill run goes open -> published -> posted and back to open while it is a draft; posted is final.
create function control.guard_bill_run() returns trigger language plpgsql as $$
begin
    if old.state = 'posted' then
        raise exception 'bill run % of % is posted: % refused. Bill parked accounts in a supplement run.',
            old.bill_run_id, old.period_id, tg_op using errcode = 'restrict_violation';
    end if;
    if tg_op = 'UPDATE' and new.state = 'posted' and old.state <> 'published' then
        raise exception 'bill run % of % is %: only a published draft can be posted.',
            old.bill_run_id, old.period_id, old.state using errcode = 'restrict_violation';
    end if;
    return case when tg_op = 'DELETE' then old else new end;
end $$;
create trigger posted_is_final before update or delete on control.bill_runs
    for each row execute function control.guard_bill_run();

-- Called first in every writer's transaction (dbt pre-hooks, publishing, posting): locks the lane's lease row until the
-- transaction ends and raises when the session's token is not the current one.
create function control.assert_token(asked_lane text) returns bigint language plpgsql as $$
declare
    current_token bigint;
    session_token text := current_setting('apportion.token', true);
begin
    select token into current_token from control.leases where lane = asked_lane for share;
    if current_token is null then
        raise exception 'there is no lane %', asked_lane;
    end if;
    if session_token is null or session_token = '' then
        raise exception 'no lease: this session carries no apportion.token for lane %', asked_lane
            using errcode = 'object_not_in_prerequisite_state';
    end if;
    if session_token::bigint <> current_token then
        raise exception 'token superseded: lane % is at token %, this session carries %', asked_lane, current_token, session_token
            using errcode = 'object_not_in_prerequisite_state';
    end if;
    return current_token;
end $$;
