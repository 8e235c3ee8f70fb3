-- What arrives: files, usage rows, populations. Append-only; nothing per-event is updated in place.
create schema inbox;

create table inbox.batches (
    batch_id integer generated always as identity primary key,
    dagster_run_id text,
    started_at timestamptz not null default now(),
    events_from timestamptz,                 -- first and last event of the batch's usage rows; null without usage
    events_until timestamptz
);

-- One row per delivery of a file; (content_sha256, state = 'loaded') is unique: one content is loaded once.
create table inbox.files (
    file_id integer generated always as identity primary key,
    batch_id integer not null references inbox.batches,
    feed text not null,                      -- usage specification code or population kind
    feed_kind text not null check (feed_kind in ('usage', 'population', 'unknown')),
    file_name text not null,
    content_sha256 text not null,
    size_bytes bigint not null,
    state text not null check (state in ('loaded', 'duplicate', 'refused')),
    reason text,                             -- found, expected, what to do; required unless loaded
    first_file_id integer references inbox.files,   -- for duplicates: the file that was loaded
    received_at timestamptz not null,
    rows_read bigint not null default 0,
    rows_accepted bigint not null default 0,
    rows_duplicate bigint not null default 0,
    rows_conflict bigint not null default 0,
    rows_rejected bigint not null default 0,
    quantity_units_accepted numeric(38, 0) not null default 0,
    stored_path text,                        -- relative to the file store; every loaded file is kept whole
    check (state = 'loaded' or reason is not null),
    check (rows_read = rows_accepted + rows_duplicate + rows_conflict + rows_rejected)
);
create unique index files_loaded_once on inbox.files (content_sha256) where state = 'loaded';
create index files_file_name on inbox.files (file_name);

create table inbox.identifiers (
    identifier_id integer generated always as identity primary key,
    identifier_kind text not null,           -- msisdn, device, tenant, subscription ...
    identifier text not null,
    unique (identifier_kind, identifier)
);

-- Distinct combinations of the characteristics that prices may look at; phone numbers as leading digits only.
create table inbox.characteristic_sets (
    characteristic_set_id integer generated always as identity primary key,
    usage_specification_id integer not null references catalog.usage_specifications,
    set_key uuid not null,
    characteristics jsonb not null,          -- {"called_number": "4851", "service": "hd"}: all values text
    unique (usage_specification_id, set_key)
);

-- Every well-formed usage row, encoded once at parse. One leaf table per batch, created, filled and attached in one transaction.
-- Accepted = here and not in row_dispositions.
create table inbox.usage_rows (
    batch_id integer not null,
    file_id integer not null,
    line_number integer not null,            -- physical line in the stored file, header = 1
    usage_specification_id integer not null,
    event_key uuid not null,                 -- hash of (usage specification code, event id)
    content_hash uuid not null,              -- hash of the canonical content
    event_at timestamptz not null,
    identifier_id integer not null,
    characteristic_set_id integer not null,
    quantity_units bigint not null,          -- slot 1; quantity = units / 10^scale of the specification
    quantity_2_units bigint,
    quantity_3_units bigint
) partition by list (batch_id);
-- Not unique: duplicates and conflicts are stored too. Later batches and `explain` find an event's rows by it.
create index usage_rows_event_key on inbox.usage_rows (event_key);

-- Why a row is not accepted. A row of an older batch can become a conflict later: a new row here, no update there.
create table inbox.row_dispositions (
    file_id integer not null references inbox.files,
    line_number integer not null,
    disposition text not null check (disposition in ('duplicate', 'conflict', 'rejected')),
    reason_code text not null,
    characteristic text,
    found text,
    expected text,
    raw_line text,                           -- the line as it stood in the file
    event_key uuid,
    content_hash uuid,
    decided_in_batch_id integer not null references inbox.batches,
    primary key (file_id, line_number, disposition)
);
create index row_dispositions_event_key on inbox.row_dispositions (event_key) where event_key is not null;

-- The account of every loaded file as it stands now. The counts in inbox.files are those at load time; a later batch can
-- turn accepted rows and duplicates into conflicts. The strongest disposition of a row counts.
create view inbox.file_accounts as
with fates as (
    select file_id, line_number,
        case when bool_or(disposition = 'rejected') then 'rejected'
            when bool_or(disposition = 'conflict') then 'conflict'
            else 'duplicate' end as fate
    from inbox.row_dispositions
    group by file_id, line_number
),
counts as (
    select file_id,
        count(*) filter (where fate = 'duplicate') as rows_duplicate,
        count(*) filter (where fate = 'conflict') as rows_conflict,
        count(*) filter (where fate = 'rejected') as rows_rejected
    from fates
    group by file_id
)
select files.file_id, files.batch_id, files.feed, files.feed_kind, files.file_name, files.received_at, files.rows_read,
    files.rows_read - coalesce(counts.rows_duplicate, 0) - coalesce(counts.rows_conflict, 0)
        - coalesce(counts.rows_rejected, 0) as rows_accepted,
    coalesce(counts.rows_duplicate, 0) as rows_duplicate,
    coalesce(counts.rows_conflict, 0) as rows_conflict,
    coalesce(counts.rows_rejected, 0) as rows_rejected
from inbox.files
left join counts using (file_id)
where files.state = 'loaded';

-- Populations: dated records. The record with the latest effective_from at or before an instant decides.
create table inbox.parties (
    party_id text not null check (party_id ~ '^[A-Za-z0-9_-]{1,40}$'),
    effective_from date not null,
    party_kind text not null check (party_kind in ('organization', 'individual')),
    name text not null,
    country_code text not null,
    tax_number text,
    tax_status text not null check (tax_status in ('business', 'consumer')),
    language_code text not null,
    parent_party_id text,                    -- the reseller above
    bank_account text,
    address_lines text[] not null,
    file_id integer not null references inbox.files,
    line_number integer not null,
    primary key (party_id, effective_from)
);

create table inbox.billing_accounts (
    account_id text not null check (account_id ~ '^[A-Za-z0-9_-]{1,40}$'),
    effective_from date not null,
    party_id text not null,
    currency_code text not null,
    language_code text not null,
    bill_cycle text not null,                -- c01: the day of month the period starts on
    due_days integer not null,
    file_id integer not null references inbox.files,
    line_number integer not null,
    primary key (account_id, effective_from)
);

-- What a customer has: one row per product and change.
create table inbox.products (
    product_id text not null check (product_id ~ '^[A-Za-z0-9_-]{1,40}$'),
    effective_from timestamptz not null,
    effective_until timestamptz,
    account_id text not null,
    offering_id text not null,
    seller_party_id text,                    -- null: sold by the operator itself
    file_id integer not null references inbox.files,
    line_number integer not null,
    primary key (product_id, effective_from)
);

create table inbox.product_identifiers (
    identifier_kind text not null,
    identifier text not null,
    effective_from timestamptz not null,
    effective_until timestamptz,
    product_id text not null,
    file_id integer not null references inbox.files,
    line_number integer not null,
    primary key (identifier_kind, identifier, product_id, effective_from)
);

-- A personalised price: replaces the tiers of one price of one product while it is in force.
create table inbox.price_overrides (
    price_override_id integer generated always as identity primary key,
    product_id text not null,
    price_id text not null,
    effective_from timestamptz not null,
    effective_until timestamptz,
    tariff_model text not null,
    per_quantity numeric(18, 6) not null default 1,
    file_id integer not null references inbox.files,
    line_number integer not null,
    unique (product_id, price_id, effective_from)
);

create table inbox.price_override_tiers (
    price_override_id integer not null references inbox.price_overrides,
    tier_number integer not null,
    from_quantity numeric(18, 6) not null,
    until_quantity numeric(18, 6),
    unit_amount numeric(18, 10) not null default 0,
    flat_amount numeric(18, 10) not null default 0,
    package_size numeric(18, 6),
    primary key (price_override_id, tier_number)
);
