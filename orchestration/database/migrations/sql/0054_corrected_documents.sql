-- Which earlier documents one below 0 corrects: a credit note cites them (a self-billed one is of type 261). A function of the documents
-- asked about: a view would work all of them out, of all times, for each.
create function ledger.corrected_documents(settlement_keys uuid[])
returns table (settlement_key uuid, corrected_settlement_key uuid, document_number text, issue_date date)
language sql stable as $$
with
below_zero as (
    select documents.settlement_key, documents.bill_run_id, documents.payer_party_id, documents.receiver_party_id,
        items.agreement_id, items.item_kind, items.reference, runs.posted_at
    from ledger.settlement_documents as documents
    join control.bill_runs as runs using (bill_run_id)
    join ledger.settlement_items as items using (settlement_key)
    where documents.settlement_key = any(settlement_keys) and documents.document_minor < 0
        and items.stage = 'position' and items.agreement_id is not null
),
-- Not below 0 themselves: what is corrected twice is the same document both times.
earlier as (
    select distinct below_zero.settlement_key, documents.settlement_key as corrected_key, documents.bill_run_id,
        items.agreement_id, runs.posted_at
    from below_zero
    join ledger.settlement_documents as documents using (payer_party_id, receiver_party_id)
    join control.bill_runs as runs on documents.bill_run_id = runs.bill_run_id
    join ledger.settlement_items as items
        on documents.settlement_key = items.settlement_key and below_zero.agreement_id = items.agreement_id
        and items.stage = 'position'
    where documents.document_minor >= 0 and runs.posted_at < below_zero.posted_at
),
-- Those that settled the shares which are taken back: of corrected lines, lost bills, returned payments, other terms.
by_share as (
    select distinct earlier.settlement_key, earlier.corrected_key
    from (select distinct settlement_key, bill_run_id, agreement_id, payer_party_id, receiver_party_id from below_zero)
        as documents
    join published.fct_adjusted_shares as adjusted
        using (bill_run_id, agreement_id, payer_party_id, receiver_party_id)
    join ledger.shares_by_settlement as settled
        on adjusted.source_bill_run_id = settled.source_bill_run_id and adjusted.line_key = settled.line_key
        and adjusted.step_number = settled.step_number
    join earlier
        on documents.settlement_key = earlier.settlement_key and settled.bill_run_id = earlier.bill_run_id
        and documents.agreement_id = earlier.agreement_id
),
by_dispute as (
    select below_zero.settlement_key, disputes.settlement_key as corrected_key
    from below_zero
    join ledger.dispute_resolutions as resolutions on below_zero.reference = resolutions.adjustment_id
    join ledger.disputes as disputes using (dispute_id)
    where below_zero.item_kind = 'adjustment'
),
found as (
    select * from by_share union select * from by_dispute
),
-- Guarantees, fees, caps and what a bill run gives back: the last document under the agreement.
otherwise as (
    select distinct on (settlement_key, agreement_id) settlement_key, corrected_key
    from earlier
    where not exists (select from found where found.settlement_key = earlier.settlement_key)
    order by settlement_key, agreement_id, posted_at desc, corrected_key
)
select corrections.settlement_key, documents.settlement_key as corrected_settlement_key, documents.document_number,
    documents.issue_date
from (select * from found union select * from otherwise) as corrections
join ledger.settlement_documents as documents on corrections.corrected_key = documents.settlement_key;
$$;
