-- Settlement runs: a calendar of its own for what partners get. A run of lane `settle` takes posted shares into a period.

alter table control.leases drop constraint leases_lane_check;
alter table control.leases add check (lane in ('build', 'whatif', 'conformance', 'running', 'settle'));
insert into control.leases (lane) values ('settle');

-- 2026-10-c01 is a billing period, 2026-10-month, 2026-10-quarter, 2026-07-half_year, 2026-01-year are settlement periods.
alter table control.bill_runs drop constraint bill_runs_period_id_check;
alter table control.bill_runs add constraint bill_runs_period_id_check check (
    period_id ~ '^[0-9]{4}-[0-9]{2}-(c[0-9]{2}|month|quarter|half_year|year)$'
    and (lane = 'settle') = (period_id !~ '-c[0-9]{2}$')
);
alter table control.gates drop constraint gates_gate_check;
alter table control.gates add constraint gates_gate_check check (
    gate in ('usage_in', 'lines_before_posting', 'settlements_before_posting', 'payouts_before_paying')
);

create schema settle;
create table settle.run_inputs (like build.run_inputs including all);
create table settle.run_scope (like build.run_scope including all);
do $$
declare lane text;
begin
    foreach lane in array array['build', 'whatif', 'conformance', 'running', 'settle'] loop
        execute format('alter table %I.run_inputs add column settlement_cycle text not null default ''bill_run''', lane);
    end loop;
end $$;

alter table catalog.agreements
    add column settlement_cycle text not null default 'bill_run'
        check (settlement_cycle in ('bill_run', 'month', 'quarter', 'half_year', 'year')),
    add column settlement_time_zone text,          -- null: the operator's
    add column cut_off_days integer not null default 0 check (cut_off_days >= 0);

-- Which posted shares a run settled: all shares of a bill run, an agreement and a month of the agreement's trigger. A share
-- is in one of these portions only, and a portion is posted once for ever.
create table published.fct_settled_shares (
    bill_run_id integer not null,
    period_id text not null,
    source_bill_run_id integer not null,           -- the bill run that made the shares
    agreement_id text not null,
    month_from date not null,                      -- month in which its trigger puts them
    currency_code text not null,
    share_count bigint not null,
    amount_exact numeric(38, 16) not null,         -- of all receivers, in minor units of currency_code
    primary key (bill_run_id, source_bill_run_id, agreement_id, month_from, currency_code)
);
create trigger posted_insert after insert on published.fct_settled_shares referencing new table as changed_rows
    for each statement execute function control.refuse_posted_rows();
create trigger posted_delete after delete on published.fct_settled_shares referencing old table as changed_rows
    for each statement execute function control.refuse_posted_rows();
create trigger posted_update_old after update on published.fct_settled_shares referencing old table as changed_rows
    for each statement execute function control.refuse_posted_rows();
create trigger posted_update_new after update on published.fct_settled_shares referencing new table as changed_rows
    for each statement execute function control.refuse_posted_rows();
create trigger posted_truncate before truncate on published.fct_settled_shares
    for each statement execute function control.refuse_truncate_when_posted();

create table ledger.settled_shares (
    source_bill_run_id integer not null references control.bill_runs,
    agreement_id text not null,
    month_from date not null,
    currency_code text not null,
    bill_run_id integer not null references control.bill_runs,
    share_count bigint not null,
    amount_exact numeric(38, 16) not null,
    primary key (source_bill_run_id, agreement_id, month_from, currency_code)
);
create trigger append_only before update or delete on ledger.settled_shares
    for each row execute function control.refuse_change();
create trigger append_only_truncate before truncate on ledger.settled_shares
    for each statement execute function control.refuse_change();

-- What was posted before settlement runs existed was settled by its bill run.
insert into ledger.settled_shares (source_bill_run_id, agreement_id, month_from, currency_code, bill_run_id, share_count, amount_exact)
select shares.bill_run_id, shares.agreement_id,
    date_trunc('month', (bill_runs.period_end at time zone book_versions.time_zone)::date - 1)::date,
    shares.currency_code, shares.bill_run_id, count(*), sum(shares.amount_exact)
from published.fct_revenue_shares as shares
join control.bill_runs using (bill_run_id)
join catalog.book_versions using (book_id)
where bill_runs.state = 'posted' and shares.agreement_id is not null
group by 1, 2, 3, 4, 5;

-- The states of a settlement period, from what is recorded: closing while there is a draft, closed when it is posted, paid
-- when every document that the operator pays is cleared. A period without a run is open.
create view control.settlement_periods with (security_invoker = true) as
select bill_runs.period_id, bill_runs.bill_run_id, bill_runs.period_start, bill_runs.period_end, bill_runs.issue_date,
    case
        when bill_runs.state <> 'posted' then 'closing'
        when exists (
            select from ledger.settlement_documents as documents
            where documents.bill_run_id = bill_runs.bill_run_id and documents.is_paid_by_operator
                and documents.payment_minor > 0
                and not exists (
                    select from ledger.payment_clearings as clearings
                    left join ledger.payment_reversals as reversals using (payment_id)
                    where clearings.settlement_key = documents.settlement_key and clearings.part_number = 1
                        and reversals.payment_id is null
                )
        ) then 'closed'
        else 'paid'
    end as state
from control.bill_runs
where bill_runs.lane = 'settle';

-- From a settlement to each share in it and back: bill_run_id settles, source_bill_run_id made the share. The version is that
-- of the settling run's book, as its positions name it.
create view ledger.shares_by_settlement with (security_invoker = true) as
select settled.bill_run_id, settled.month_from, shares.bill_run_id as source_bill_run_id, shares.line_key,
    shares.hop_number, shares.step_number, present_versions.agreement_version_id, shares.agreement_id, shares.item_id,
    shares.payer_party_id, shares.receiver_party_id, shares.is_kept, shares.currency_code, shares.tax_category,
    shares.base_exact, shares.amount_exact
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
    and settled.month_from = date_trunc('month', case shared_versions.settlement_trigger
        when 'consumed'
            then lines.covered_from at time zone coalesce(shared_versions.settlement_time_zone, book_versions.time_zone)
        else sources.period_end at time zone coalesce(shared_versions.settlement_time_zone, book_versions.time_zone)
            - interval '1 day'
    end)::date;
