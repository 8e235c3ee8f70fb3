-- Agreements that a settlement run parked and no later run has settled: a supplement of their period takes them up.

create view control.parked_agreements with (security_invoker = true) as
with outcomes as (
    select distinct on (bill_runs.period_id, outcomes.account_id)
        bill_runs.period_id, substring(bill_runs.period_id from 9) as settlement_cycle, bill_runs.period_start,
        (bill_runs.period_end at time zone book_versions.time_zone)::date - 1 as period_last_date,
        outcomes.account_id, substring(outcomes.account_id from 12) as agreement_id,  -- settlement:<agreement id>
        outcomes.outcome, outcomes.reason_code, outcomes.detail, outcomes.bill_run_id
    from published.fct_account_outcomes as outcomes
    join control.bill_runs using (bill_run_id)
    join catalog.book_versions using (book_id)
    where bill_runs.lane = 'settle' and bill_runs.state = 'posted'
    order by bill_runs.period_id, outcomes.account_id, bill_runs.sequence desc
)
select * from outcomes
where outcome = 'parked' and not exists (
    select from outcomes as later
    where later.settlement_cycle = outcomes.settlement_cycle and later.account_id = outcomes.account_id
        and later.period_start > outcomes.period_start and later.outcome = 'settled'
);

-- A period with a parked agreement is closed, and not paid before that is settled.
create or replace view control.settlement_periods with (security_invoker = true) as
select bill_runs.period_id, bill_runs.bill_run_id, bill_runs.period_start, bill_runs.period_end, bill_runs.issue_date,
    case
        when bill_runs.state <> 'posted' then 'closing'
        when exists (
            select from ledger.settlement_documents as documents
            where documents.bill_run_id = bill_runs.bill_run_id and documents.is_paid_by_operator
                and documents.payment_minor > (
                    select coalesce(sum(clearings.cleared_minor), 0) from ledger.payment_clearings as clearings
                    left join ledger.payment_reversals as reversals using (payment_id)
                    where clearings.settlement_key = documents.settlement_key and clearings.part_number = 1
                        and reversals.payment_id is null
                )
                and documents.payment_minor > 0
        ) or exists (
            select from control.parked_agreements as parked where parked.bill_run_id = bill_runs.bill_run_id
        ) then 'closed'
        else 'paid'
    end as state
from control.bill_runs
where bill_runs.lane = 'settle';
