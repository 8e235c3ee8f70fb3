-- Term sheets as they were made, so that an approval is of bytes that are kept, and its maker is known.
create table control.term_sheets (
    term_sheet_sha256 text primary key
        check (term_sheet_sha256 = encode(sha256(convert_to(content, 'UTF8')), 'hex')),
    agreement_id text not null,
    version text not null,
    terms_digest text not null,
    language_code text not null,
    content text not null,
    prepared_by text not null check (btrim(prepared_by) <> ''),
    prepared_at timestamptz not null default now()
);
create trigger append_only before update or delete on control.term_sheets
    for each row execute function control.refuse_change();
create trigger append_only_truncate before truncate on control.term_sheets
    for each statement execute function control.refuse_change();
alter table control.term_approvals
    add constraint of_a_sheet foreign key (term_sheet_sha256) references control.term_sheets;

-- As before, with a scale for the threshold.
drop view ledger.document_terms;
create view ledger.document_terms with (security_invoker = true) as
select document_agreements.settlement_key,
    max(self_billing_days) as self_billing_days,
    bool_and(silence_accepts) filter (where self_billing_days is not null) as silence_accepts,
    bool_and(is_netting_allowed) as is_netting_allowed,
    max(payout_threshold)::numeric(18, 4) as payout_threshold,
    min(longest_wait_days) as longest_wait_days,
    bool_and(approvals.agreement_id is not null) as is_approved
from ledger.document_agreements
left join control.term_approvals as approvals using (agreement_id, version, terms_digest)
group by document_agreements.settlement_key;

-- Paid is a settlement period when nothing is open on what the operator pays; a part that is disputed keeps it closed.
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
        ) then 'closed'
        else 'paid'
    end as state
from control.bill_runs
where bill_runs.lane = 'settle';
