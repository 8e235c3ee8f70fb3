-- As before, with the ids put together before the terms are looked up: definitions are not compared with each other.
create or replace view ledger.document_agreements with (security_invoker = true) as
select versions.settlement_key, agreements.*
from (
    select posted.settlement_key, positions.agreement_version_id
    from ledger.settlement_documents as documents
    join ledger.posted_positions as posted using (settlement_key)
    join published.fct_positions as positions using (bill_run_id, position_key)
    union
    select items.settlement_key, in_force.agreement_version_id
    from (
        select distinct items.settlement_key, documents.bill_run_id, items.agreement_id
        from ledger.settlement_items as items
        join ledger.settlement_documents as documents using (settlement_key)
        where items.stage = 'position' and items.agreement_id is not null
    ) as items
    join control.bill_runs using (bill_run_id)
    cross join lateral (
        select agreements.agreement_version_id from catalog.agreements
        where agreements.book_id = bill_runs.book_id and agreements.agreement_id = items.agreement_id
            and agreements.effective_from < bill_runs.period_end
        order by agreements.effective_from desc limit 1
    ) as in_force
) as versions
join catalog.agreements on versions.agreement_version_id = agreements.agreement_version_id;
