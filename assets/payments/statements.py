"""The SQL of payments: documents with what they need to be paid, and the rows of the ledger.

Belongs here: statements only. Belongs elsewhere: in which order and under which conditions they run (``pay``,
``files``, ``release``, ``bank_answers``).
"""

# Every document of a run: the receiver's account as printed and as the master data has it on the day, the payer's
# account for the currency, and whether it is cleared. A reversed payment clears nothing, the next attempt has a new id.
DOCUMENTS = """
    select documents.*, documents.receiver ->> 'name' as receiver_name,
        documents.receiver ->> 'bank_account' as printed_account,
        parts.part_number, parts.owed_minor as payment_minor, parts.due_date,
        coalesce(%(execution_date)s, parts.due_date) as execution_date,
        parts.part_number = 2 and parts.due_date > coalesce(%(execution_date)s, documents.due_date)
            as is_retained,
        receivers.bank_account as present_account,
        coalesce((book_versions.definition #>> '{operator,payments,approved_partners_only}')::boolean, false)
            as needs_approval,
        approvals.party_id is not null as is_approved,
        approvals.bank_account as approved_account,
        approvals.effective_from
            + coalesce((book_versions.definition #>> '{operator,payments,cooling_off_days}')::integer, 7)
            as payable_from,
        debtors.legal_name as debtor_name, debtors.iban as debtor_account, debtors.bic as debtor_bic,
        coalesce(attempts.is_cleared, false) as is_cleared,
        coalesce(attempts.attempt_number, 0) + 1 as attempt_number,
        md5(documents.settlement_key || '/' || parts.part_number || '/' || coalesce(attempts.attempt_number, 0) + 1)
            as payment_hash
    from ledger.settlement_documents as documents
    join control.bill_runs using (bill_run_id)
    join catalog.book_versions using (book_id)
    cross join lateral (
        values (1, documents.payment_minor, documents.due_date),
            (2, documents.retained_minor, documents.retention_release_date)
    ) as parts (part_number, owed_minor, due_date)
    left join lateral (
        select max(clearings.attempt_number) as attempt_number, bool_or(reversals.payment_id is null) as is_cleared
        from ledger.payment_clearings as clearings
        left join ledger.payment_reversals as reversals using (payment_id)
        where clearings.settlement_key = documents.settlement_key and clearings.part_number = parts.part_number
    ) as attempts on true
    left join lateral (
        select parties.bank_account from inbox.parties
        where parties.party_id = documents.receiver_party_id
            and parties.effective_from <= coalesce(%(execution_date)s, parts.due_date)
        order by parties.effective_from desc limit 1
    ) as receivers on true
    -- The newest record, when two people gave it and nothing is missing in it.
    left join lateral (
        select newest.* from (
            select * from inbox.partner_approvals
            where partner_approvals.party_id = documents.receiver_party_id
                and partner_approvals.effective_from <= coalesce(%(execution_date)s, parts.due_date)
            order by partner_approvals.effective_from desc limit 1
        ) as newest
        where newest.is_tax_data_complete and lower(btrim(newest.requested_by)) <> lower(btrim(newest.approved_by))
            and (newest.self_billing = 'agreed'
                or newest.self_billing = 'not_needed' and documents.document_kind <> 'self_billed')
    ) as approvals on true
    left join lateral (
        select legal_entities.legal_name, accounts.iban, accounts.bic
        from catalog.legal_entities
        join catalog.payment_accounts as accounts using (book_id, legal_entity_id)
        where legal_entities.book_id = bill_runs.book_id and legal_entities.party_id = documents.payer_party_id
            and accounts.currency_code = documents.currency_code
        order by legal_entities.legal_entity_id limit 1
    ) as debtors on true
    where documents.bill_run_id = %(bill_run_id)s and (parts.part_number = 1 or parts.owed_minor <> 0)
    order by documents.payer_party_id, documents.receiver_party_id, documents.currency_code, documents.number,
        parts.part_number
"""

INSERT_PAYMENT = """
    insert into ledger.payments (payment_id, end_to_end_id, payer_party_id, receiver_party_id, receiver_name,
        bank_account, debtor_name, debtor_account, debtor_bic, currency_code, amount_minor, execution_date,
        remittance_text, paid_in_run, proposed_by)
    values (%(payment_id)s, %(end_to_end_id)s, %(payer_party_id)s, %(receiver_party_id)s, %(receiver_name)s,
        %(bank_account)s, %(debtor_name)s, %(debtor_account)s, %(debtor_bic)s, %(currency_code)s, %(amount_minor)s,
        %(execution_date)s, %(remittance_text)s, %(run_name)s, %(maker)s)
"""

INSERT_CLEARING = """
    insert into ledger.payment_clearings (settlement_key, part_number, attempt_number, payment_id, cleared_minor)
    values (%(settlement_key)s, %(part_number)s, %(attempt_number)s, %(payment_id)s, %(amount_minor)s)
"""

# One file per debtor account and currency; its id is made of the payments in it. The sums of the file and of its groups
# (execution day, SEPA or not) come from the database.
FILES = """
    with transfers as (
        select payments.*, given.is_sepa
        from ledger.payments
        join unnest(%(payment_ids)s::text[], %(is_sepa)s::boolean[]) as given (payment_id, is_sepa) using (payment_id)
        where payments.amount_minor > 0
    )
    select debtor_account, debtor_name, debtor_bic, currency_code, count(*)::integer as transaction_count,
        sum(amount_minor)::bigint as control_sum_minor,
        'M' || upper(md5(string_agg(payment_id, ',' order by payment_id))) as message_id,
        array_agg(payment_id order by payment_id) as payment_ids
    from transfers
    group by debtor_account, debtor_name, debtor_bic, currency_code
    order by currency_code, debtor_account
"""

FILE_GROUPS = """
    select payments.execution_date, given.is_sepa, sum(payments.amount_minor)::bigint as sum_minor
    from ledger.payments
    join unnest(%(payment_ids)s::text[], %(is_sepa)s::boolean[]) as given (payment_id, is_sepa) using (payment_id)
    group by payments.execution_date, given.is_sepa
"""

PAYMENTS_OF = """
    select payment_id, end_to_end_id, receiver_name, bank_account, debtor_account, currency_code, amount_minor,
        execution_date, remittance_text
    from ledger.payments where payment_id = any(%(payment_ids)s) order by payment_id
"""

INSERT_FILE = """
    insert into ledger.payment_files (message_id, currency_code, debtor_account, transaction_count, control_sum_minor,
        content, content_sha256, prepared_by, prepared_at)
    values (%(message_id)s, %(currency_code)s, %(debtor_account)s, %(transaction_count)s, %(control_sum_minor)s,
        %(content)s, %(content_sha256)s, %(prepared_by)s, %(prepared_at)s)
"""

INSERT_ENTRIES = """
    insert into ledger.payment_file_entries (payment_id, message_id)
    select payment_id, %(message_id)s from unnest(%(payment_ids)s::text[]) as given (payment_id)
"""

INSERT_DECISION = """
    insert into ledger.payment_decisions (message_id, decision, decided_by, content_sha256, detail)
    values (%(message_id)s, %(decision)s, %(decided_by)s, %(content_sha256)s, %(detail)s)
"""

# What an approved file pays leaves the payables. What the receiver owes and was set off leaves the receivables.
JOURNAL_OF_FILE = """
    with entries as (
        select payments.payment_id, payments.execution_date, payments.receiver_party_id, payments.currency_code,
            row_number() over (partition by payments.payment_id order by clearings.settlement_key,
                clearings.part_number) as entry_number,
            case when documents.payer_party_id = payments.payer_party_id and clearings.part_number = 2
                then 'retention_payable'
                when documents.payer_party_id = payments.payer_party_id then 'partner_payable'
                else 'partner_receivable' end as ledger_account,
            case when documents.payer_party_id = payments.payer_party_id then 1 else -1 end * clearings.cleared_minor
                as amount_minor
        from ledger.payments
        join ledger.payment_clearings as clearings using (payment_id)
        join ledger.settlement_documents as documents using (settlement_key)
        where payments.payment_id = any(%(payment_ids)s)
        union all
        select payment_id, execution_date, receiver_party_id, currency_code, 0, 'bank_clearing', -amount_minor
        from ledger.payments where payment_id = any(%(payment_ids)s) and amount_minor <> 0
    )
    insert into ledger.journal_lines (transaction_key, entry_number, posting_date, ledger_account, party_id,
        currency_code, amount_minor)
    select md5('payment ' || payment_id)::uuid, entry_number + 1, execution_date, ledger_account, receiver_party_id,
        currency_code, amount_minor
    from entries
"""

# A payment that did not happen: its entries the other way round, when it had any.
JOURNAL_OF_REVERSAL = """
    insert into ledger.journal_lines (transaction_key, entry_number, posting_date, ledger_account, party_id,
        currency_code, amount_minor)
    select md5('reversal of payment ' || %(payment_id)s)::uuid, entry_number, current_date, ledger_account, party_id,
        currency_code, -amount_minor
    from ledger.journal_lines where transaction_key = md5('payment ' || %(payment_id)s)::uuid
"""

INSERT_REVERSAL = """
    insert into ledger.payment_reversals (payment_id, reason_code, detail)
    values (%(payment_id)s, %(reason_code)s, %(detail)s)
"""
