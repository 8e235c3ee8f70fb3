-- Payments of customers' bills as a feed, and the shares that settlement runs make from posted ones: parts that were
-- collected, bad debt taken back, true-ups of terms that were known later.

create table inbox.customer_payments (
    payment_id text primary key,
    received_on date not null,
    kind text not null check (kind in ('payment', 'reversal', 'write_off', 'recovery')),
    bill_number text,                              -- without it the account's bills are paid in order of issue
    account_id text,
    currency_code text not null,
    amount_minor bigint not null check (amount_minor > 0),
    file_id integer not null references inbox.files,
    line_number integer not null
);

alter table catalog.agreements
    drop constraint agreements_settlement_trigger_check,
    add constraint agreements_settlement_trigger_check check (settlement_trigger in ('billed', 'consumed', 'collected')),
    add column payment_allocation text not null default 'pro_rata'
        check (payment_allocation in ('pro_rata', 'tax_first', 'oldest_first'));

create table published.fct_adjusted_shares (
    bill_run_id integer not null,
    period_id text not null,
    reason text not null check (reason in ('collected', 'bad_debt', 'back_dated')),
    source_bill_run_id integer not null,           -- the bill run that made the share
    line_key uuid not null,
    terms_id integer,
    step_number integer not null,
    hop_number integer not null,
    agreement_version_id integer not null,
    agreement_id text not null,
    item_id text not null,
    payer_party_id text not null,
    receiver_party_id text not null,
    is_kept boolean not null,
    currency_code text not null,
    tax_category text not null,
    base_exact numeric(38, 16) not null,           -- the posted share, or the line for bad debt that one party bears
    amount_exact numeric(38, 16) not null,         -- what this run adds; together with earlier runs: its target
    primary key (bill_run_id, reason, source_bill_run_id, line_key, agreement_id, item_id, payer_party_id, receiver_party_id,
        step_number)
);
create index fct_adjusted_shares_source on published.fct_adjusted_shares (source_bill_run_id, line_key);
create trigger posted_insert after insert on published.fct_adjusted_shares referencing new table as changed_rows
    for each statement execute function control.refuse_posted_rows();
create trigger posted_delete after delete on published.fct_adjusted_shares referencing old table as changed_rows
    for each statement execute function control.refuse_posted_rows();
create trigger posted_update_old after update on published.fct_adjusted_shares referencing old table as changed_rows
    for each statement execute function control.refuse_posted_rows();
create trigger posted_update_new after update on published.fct_adjusted_shares referencing new table as changed_rows
    for each statement execute function control.refuse_posted_rows();
create trigger posted_truncate before truncate on published.fct_adjusted_shares
    for each statement execute function control.refuse_truncate_when_posted();

create or replace view ledger.shares_by_settlement with (security_invoker = true) as
select settled.bill_run_id, settled.month_from, shares.bill_run_id as source_bill_run_id, shares.line_key,
    shares.hop_number, shares.step_number, present_versions.agreement_version_id, shares.agreement_id, shares.item_id,
    shares.payer_party_id, shares.receiver_party_id, shares.is_kept, shares.currency_code, shares.tax_category,
    shares.base_exact, shares.amount_exact, cast(null as text) as reason
from ledger.settled_shares as settled
join control.bill_runs as settling using (bill_run_id)
join control.bill_runs as sources on settled.source_bill_run_id = sources.bill_run_id
join catalog.book_versions on settling.book_id = book_versions.book_id
join published.fct_revenue_shares as shares
    on settled.source_bill_run_id = shares.bill_run_id and settled.agreement_id = shares.agreement_id
    and settled.currency_code = shares.currency_code
join catalog.agreements as shared_versions on shares.agreement_version_id = shared_versions.agreement_version_id
join catalog.agreements as present_versions
    on settling.book_id = present_versions.book_id and shared_versions.agreement_id = present_versions.agreement_id
    and shared_versions.version = present_versions.version
join published.fct_applied_billing_rates as lines
    on shares.bill_run_id = lines.bill_run_id and shares.line_key = lines.line_key
where shared_versions.settlement_cycle = case settling.lane when 'settle' then substring(settling.period_id from 9) else 'bill_run' end
    and shared_versions.settlement_trigger <> 'collected'
    and settled.month_from = date_trunc('month', case shared_versions.settlement_trigger
        when 'consumed'
            then lines.covered_from at time zone coalesce(shared_versions.settlement_time_zone, book_versions.time_zone)
        else sources.period_end at time zone coalesce(shared_versions.settlement_time_zone, book_versions.time_zone)
            - interval '1 day'
    end)::date
union all
select adjusted.bill_run_id, null, adjusted.source_bill_run_id, adjusted.line_key, adjusted.hop_number, adjusted.step_number,
    adjusted.agreement_version_id, adjusted.agreement_id, adjusted.item_id, adjusted.payer_party_id,
    adjusted.receiver_party_id, adjusted.is_kept, adjusted.currency_code, adjusted.tax_category, adjusted.base_exact,
    adjusted.amount_exact, adjusted.reason
from published.fct_adjusted_shares as adjusted
join control.bill_runs as settling using (bill_run_id)
where settling.state = 'posted';

-- What a line moved the measure of its step's tiers by: tiers of a year go on from month to month.
alter table published.fct_revenue_shares add column measured_exact numeric(38, 16);
create index fct_revenue_shares_measured on published.fct_revenue_shares (bill_run_id) where measured_exact is not null;
