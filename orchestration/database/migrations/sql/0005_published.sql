-- What readers see: one transaction per bill run replaces the run's rows after all gates pass. dbt never writes here.
-- The columns equal those of the dbt marts of the same name (dbt contracts); a drift test compares them.
create schema published;

-- Per-event: one leaf per bill run, moved in from the lane schema and attached (no copy).
create table published.fct_rated_usage (
    bill_run_id integer not null,
    event_key uuid not null,
    content_hash uuid not null,
    file_id integer not null,
    line_number integer not null,
    event_at timestamptz not null,
    product_number integer not null,         -- dim_rated_products of the same run
    price_version_id integer not null,
    price_override_id integer,
    terms_id integer,                        -- agreement terms in force at event_at; null: no partner agreement
    is_late boolean not null,                -- event before the period's start
    quantity_units bigint not null,
    allowance_units bigint not null,         -- the part of quantity_units an allowance covered
    amount_exact numeric(38, 16) not null    -- in the price's currency, T(after) - T(before)
) partition by list (bill_run_id);

-- Accepted usage that cannot be rated, with the reason (guiding, price, agreement, parked account).
create table published.fct_suspended_usage (
    bill_run_id integer not null,
    file_id integer not null,
    line_number integer not null,
    event_key uuid not null,
    event_at timestamptz not null,
    reason_code text not null,               -- no_product, no_price, account_parked
    detail text
);

create table published.dim_rated_products (
    bill_run_id integer not null,
    product_number integer not null,
    product_id text not null,
    account_id text not null,
    offering_id text not null,
    seller_party_id text,
    primary key (bill_run_id, product_number)
);

create table published.fct_applied_billing_rates (
    bill_run_id integer not null,
    period_id text not null,
    line_key uuid not null,
    account_id text not null,
    product_id text not null,
    product_number integer not null,
    offering_id text not null,               -- the component's offering for parts of a bundle
    bundle_offering_id text,
    price_id text not null,
    price_version_id integer not null,
    price_override_id integer,
    charge_kind text not null,               -- usage, recurring, one_time
    service_kind text not null,
    seller_party_id text,
    terms_id integer,
    tax_category text not null,
    legal_entity_id text not null,
    covered_from timestamptz not null,
    covered_until timestamptz not null,
    is_late boolean not null,
    event_count bigint not null,
    billed_quantity numeric(38, 6) not null, -- after the allowance, in the specification's unit of measure
    allowance_quantity numeric(38, 6) not null,
    period_factor numeric(18, 10) not null,  -- share of the period charged; 1 for usage
    price_currency_code text not null,
    amount_exact numeric(38, 16) not null,   -- price currency, before rounding
    fx_source text,
    fx_date date,
    fx_rate numeric(20, 10) not null,        -- 1 price currency = fx_rate bill currency; 1 when equal
    currency_code text not null,
    amount_minor bigint not null,            -- bill currency, excluding tax, rounded once
    primary key (bill_run_id, line_key)
);

create table published.fct_bill_taxes (
    bill_run_id integer not null,
    bill_key uuid not null,
    tax_category text not null,
    tax_treatment text not null,
    tax_rate_percent numeric(7, 4) not null,
    tax_mention text,
    currency_code text not null,
    base_minor bigint not null,
    tax_minor bigint not null,
    home_currency_code text not null,
    home_fx_source text,
    home_fx_date date,
    home_fx_rate numeric(20, 10) not null,
    tax_home_minor bigint not null,
    primary key (bill_run_id, bill_key, tax_category, tax_treatment, tax_rate_percent)
);

create table published.fct_customer_bills (
    bill_run_id integer not null,
    period_id text not null,
    bill_key uuid not null,
    account_id text not null,
    party_id text not null,
    legal_entity_id text not null,
    language_code text not null,
    currency_code text not null,
    customer jsonb not null,                 -- copy of the master data printed: name, address_lines, country_code, tax_number
    issue_date date not null,
    due_date date not null,
    line_count bigint not null,
    net_minor bigint not null,
    tax_minor bigint not null,
    gross_minor bigint not null,
    primary key (bill_run_id, bill_key)
);

-- Every share of every line, exact. Lines without terms have one row: the operator keeps all (hop 0).
create table published.fct_revenue_shares (
    bill_run_id integer not null,
    line_key uuid not null,
    hop_number integer not null,
    step_number integer not null,
    terms_id integer,
    agreement_version_id integer,
    agreement_id text,
    item_id text not null,
    payer_party_id text not null,
    receiver_party_id text not null,
    is_kept boolean not null,                -- receiver = payer of the hop: its own part
    currency_code text not null,
    tax_category text not null,
    base_exact numeric(38, 16) not null,     -- what this hop shares out, in minor units of currency_code
    amount_exact numeric(38, 16) not null,   -- in minor units of currency_code, before rounding
    primary key (bill_run_id, line_key, step_number)
);

-- Shares summed per agreement item, receiver, currency and tax category, rounded once.
create table published.fct_positions (
    bill_run_id integer not null,
    period_id text not null,
    position_key uuid not null,
    hop_number integer not null,
    agreement_id text,
    agreement_version_id integer,
    item_id text not null,
    payer_party_id text not null,
    receiver_party_id text not null,
    is_kept boolean not null,
    currency_code text not null,
    tax_category text not null,
    line_count bigint not null,
    amount_exact numeric(38, 16) not null,   -- minor units of currency_code
    amount_minor bigint not null,            -- split_amount over the hop: parts add up to the hop's base
    settlement_currency_code text not null,
    fx_source text,
    fx_date date,
    fx_rate numeric(20, 10) not null,
    settlement_amount_minor bigint not null, -- amount_exact converted, rounded once
    primary key (bill_run_id, position_key)
);

-- position -> document -> payment, per payer, receiver and settlement currency.
create table published.fct_party_settlements (
    bill_run_id integer not null,
    period_id text not null,
    settlement_key uuid not null,
    payer_party_id text not null,
    receiver_party_id text not null,
    receiver jsonb not null,                 -- copy of the master data printed, with language_code and bank_account
    document_kind text not null,             -- statement, self_billed
    currency_code text not null,
    position_minor bigint not null,
    tax_category text not null,
    tax_treatment text not null,
    tax_rate_percent numeric(7, 4) not null,
    tax_mention text,
    tax_minor bigint not null,
    document_minor bigint not null,          -- position + tax
    withheld_minor bigint not null,
    payment_minor bigint not null,           -- document - withheld
    due_date date not null,
    is_paid_by_operator boolean not null,    -- false: a hop between two partners, settled by them
    primary key (bill_run_id, settlement_key)
);

-- Draft double entry; posting copies it. Debit positive, credit negative; every transaction sums to zero per currency.
create table published.fct_journal_lines (
    bill_run_id integer not null,
    transaction_key uuid not null,           -- bill_key or settlement_key
    entry_number integer not null,
    ledger_account text not null,
    party_id text not null,
    currency_code text not null,
    amount_minor bigint not null,
    primary key (bill_run_id, transaction_key, entry_number)
);

-- Every account in scope ends as exactly one of billed, parked, nothing_to_bill.
create table published.fct_account_outcomes (
    bill_run_id integer not null,
    period_id text not null,
    account_id text not null,
    outcome text not null check (outcome in ('billed', 'parked', 'nothing_to_bill')),
    reason_code text,
    detail text,
    primary key (bill_run_id, account_id),
    check (outcome <> 'parked' or reason_code is not null)
);

-- The run's own accounting, one row per equation, so that every reader sees what was compared with what.
create table published.fct_reconciliation (
    bill_run_id integer not null,
    check_name text not null,
    description text not null,
    currency_code text not null default '',  -- '' = counts
    left_value numeric(38, 16) not null,
    right_value numeric(38, 16) not null,
    rows_looked_at bigint not null,
    is_equal boolean not null,
    primary key (bill_run_id, check_name, currency_code)
);

-- NaN equals NaN in PostgreSQL, so no equation sees it: it is refused where it would be stored.
do $$
declare found record;
begin
    for found in
        select table_name, column_name from information_schema.columns
        where table_schema = 'published' and data_type = 'numeric'
    loop
        execute format('alter table published.%I add constraint %I check (%I <> ''NaN'')',
                       found.table_name, found.table_name || '_' || found.column_name || '_finite', found.column_name);
    end loop;
end $$;

-- Rows of a posted bill run never change. Statement triggers with transition tables, so that publishing a large draft
-- pays one lookup for each statement and not for each row. The per-event leaf gets its own trigger at posting.
create function control.refuse_posted_rows() returns trigger language plpgsql as $$
declare posted_run integer;
begin
    select bill_runs.bill_run_id into posted_run
    from control.bill_runs
    where bill_runs.state = 'posted'
        and bill_runs.bill_run_id in (select changed_rows.bill_run_id from changed_rows)
    limit 1;
    if posted_run is not null then
        raise exception 'published.%: % of rows of bill run % refused, it is posted. Correct it with a new record.',
            tg_table_name, tg_op, posted_run using errcode = 'restrict_violation';
    end if;
    return null;
end $$;

create function control.refuse_truncate_when_posted() returns trigger language plpgsql as $$
begin
    if exists (select from control.bill_runs where state = 'posted') then
        raise exception 'published.%: TRUNCATE refused, it holds rows of posted bill runs.', tg_table_name
            using errcode = 'restrict_violation';
    end if;
    return null;
end $$;

do $$
declare relation text;
begin
    for relation in
        select relname from pg_class where relnamespace = 'published'::regnamespace and relkind = 'r'
    loop
        execute format('create trigger posted_insert after insert on published.%I referencing new table as changed_rows
                        for each statement execute function control.refuse_posted_rows()', relation);
        execute format('create trigger posted_delete after delete on published.%I referencing old table as changed_rows
                        for each statement execute function control.refuse_posted_rows()', relation);
        execute format('create trigger posted_update_old after update on published.%I referencing old table as changed_rows
                        for each statement execute function control.refuse_posted_rows()', relation);
        execute format('create trigger posted_update_new after update on published.%I referencing new table as changed_rows
                        for each statement execute function control.refuse_posted_rows()', relation);
        execute format('create trigger posted_truncate before truncate on published.%I
                        for each statement execute function control.refuse_truncate_when_posted()', relation);
    end loop;
end $$;
create trigger posted_truncate before truncate on published.fct_rated_usage
    for each statement execute function control.refuse_truncate_when_posted();
