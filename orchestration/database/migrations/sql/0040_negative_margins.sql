-- Where a partner costs more than customers pay, and who approved it before the payout.
create table published.fct_negative_margins (
    bill_run_id integer not null,
    period_id text not null,
    margin_kind text not null check (margin_kind in ('sharing', 'tariff')),
    agreement_id text not null,
    item_id text not null,                   -- the tariff; empty for a cost of the waterfall
    offering_id text not null,               -- what customers have; empty for a cost of the waterfall
    price_id text not null,
    bearer_party_id text not null,
    currency_code text not null,
    event_count bigint not null,             -- events of a tariff, lines of the waterfall
    revenue_exact numeric(38, 16) not null check (revenue_exact <> 'NaN'),
    cost_exact numeric(38, 16) not null check (cost_exact <> 'NaN'),
    margin_exact numeric(38, 16) not null check (margin_exact <> 'NaN'),
    primary key (bill_run_id, margin_kind, agreement_id, item_id, offering_id, price_id, bearer_party_id, currency_code)
);
create trigger posted_insert after insert on published.fct_negative_margins referencing new table as changed_rows
    for each statement execute function control.refuse_posted_rows();
create trigger posted_delete after delete on published.fct_negative_margins referencing old table as changed_rows
    for each statement execute function control.refuse_posted_rows();
create trigger posted_update_old after update on published.fct_negative_margins referencing old table as changed_rows
    for each statement execute function control.refuse_posted_rows();
create trigger posted_update_new after update on published.fct_negative_margins referencing new table as changed_rows
    for each statement execute function control.refuse_posted_rows();
create trigger posted_truncate before truncate on published.fct_negative_margins
    for each statement execute function control.refuse_truncate_when_posted();

-- A person answers for the margins of one agreement in one posted run. For ever; also an entry of the audit chain.
create table control.margin_approvals (
    bill_run_id integer not null references control.bill_runs,
    agreement_id text not null,
    approved_by text not null check (approved_by <> ''),
    reason text not null check (reason <> ''),
    approved_at timestamptz not null default now(),
    primary key (bill_run_id, agreement_id)
);

-- The operator's own records of exchange rates, for sources that no package carries: SDR of roaming.
create table inbox.fx_rates (
    fx_source text not null,
    rate_date date not null,
    base_currency_code text not null,
    quote_currency_code text not null,
    rate numeric(20, 10) not null check (rate > 0 and rate < 'Infinity'),
    file_id integer not null references inbox.files,
    line_number integer not null,
    primary key (fx_source, rate_date, base_currency_code, quote_currency_code)
);
