-- The receiver writes its own invoice for a statement, or its own credit note for a self-billed document below 0: the claim
-- waits until that has come, with the amount of the document.

alter table catalog.agreements
    add column is_invoice_expected boolean not null default false,
    add column is_corrected_by_receiver boolean not null default false;

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

create or replace view ledger.document_terms with (security_invoker = true) as
select document_agreements.settlement_key,
    max(self_billing_days) as self_billing_days,
    bool_and(silence_accepts) filter (where self_billing_days is not null) as silence_accepts,
    bool_and(is_netting_allowed) as is_netting_allowed,
    max(payout_threshold)::numeric(18, 4) as payout_threshold,
    min(longest_wait_days) as longest_wait_days,
    bool_and(approvals.agreement_id is not null) as is_approved,
    bool_or(is_invoice_expected) as is_invoice_expected,
    bool_or(is_corrected_by_receiver) as is_corrected_by_receiver
from ledger.document_agreements
left join control.term_approvals as approvals using (agreement_id, version, terms_digest)
group by document_agreements.settlement_key;

alter table ledger.document_answers
    drop constraint document_answers_answer_check,
    add constraint document_answers_answer_check check (answer in ('accepted', 'contested', 'issued', 'invoiced')),
    add column invoice_number text,
    add column invoice_minor bigint,
    add check ((answer = 'invoiced') = (coalesce(btrim(invoice_number), '') <> '' and invoice_minor is not null));

create or replace function ledger.document_states(as_of date)
returns table (settlement_key uuid, state text, answer_by date, answered_on date, answered_by text, detail text)
language sql stable as $$
    select documents.settlement_key,
        case
            when documents.document_kind = 'statement' and terms.is_invoice_expected
                or documents.document_kind = 'self_billed' and documents.document_minor < 0 and terms.is_corrected_by_receiver
                then case when answers.answer = 'invoiced' then 'invoiced' else 'awaiting_invoice' end
            when documents.document_kind <> 'self_billed' or terms.self_billing_days is null then 'issued'
            when answers.answer is not null then answers.answer
            when terms.silence_accepts and as_of >= documents.issue_date + terms.self_billing_days then 'deemed_accepted'
            else 'proposed'
        end,
        case when documents.document_kind = 'self_billed' then documents.issue_date + terms.self_billing_days end,
        answers.answered_on, answers.answered_by, coalesce(answers.detail, '')
    from ledger.settlement_documents as documents
    left join ledger.document_terms as terms using (settlement_key)
    left join lateral (
        select document_answers.* from ledger.document_answers
        where document_answers.settlement_key = documents.settlement_key and document_answers.answered_on <= as_of
        order by document_answers.answer_id desc limit 1
    ) as answers on true
$$;

-- An invoice is taken once, for what the document says, and its number counts once per receiver.
create or replace function ledger.guard_document_answer() returns trigger language plpgsql as $$
declare found_state text;
declare document ledger.settlement_documents;
begin
    select state into found_state from ledger.document_states(new.answered_on) where settlement_key = new.settlement_key;
    if new.answer = 'invoiced' and found_state <> 'awaiting_invoice'
        or new.answer <> 'invoiced' and found_state in ('awaiting_invoice', 'invoiced')
        or new.answer = 'issued' and found_state not in ('accepted', 'deemed_accepted')
        or new.answer in ('accepted', 'contested')
            and found_state not in ('proposed', 'contested', 'deemed_accepted', 'accepted') then
        raise exception 'settlement %: % although it is %.', new.settlement_key, new.answer, found_state
            using errcode = 'check_violation';
    end if;
    if new.answer = 'invoiced' then
        select * into document from ledger.settlement_documents where settlement_key = new.settlement_key;
        if new.invoice_minor <> document.document_minor then
            raise exception 'settlement %: an invoice of % minor units, the document has %.', new.settlement_key,
                new.invoice_minor, document.document_minor using errcode = 'check_violation';
        end if;
        if exists (
            select from ledger.document_answers as before
            join ledger.settlement_documents as documents using (settlement_key)
            where before.invoice_number = new.invoice_number and documents.receiver_party_id = document.receiver_party_id
        ) then
            raise exception 'settlement %: invoice % of % was taken before.', new.settlement_key, new.invoice_number,
                document.receiver_party_id using errcode = 'check_violation';
        end if;
    end if;
    return new;
end $$;
