"""The SQL of payments: claims with what they need to be paid, what each payment clears, and the rows of the ledger.

Belongs here: statements only. Belongs elsewhere: in which order and under which conditions they run (``pay``,
``files``, ``release``, ``bank_answers``).
"""

# Every claim of a run (role `own`), and what is paid or set off together with it: small amounts of earlier runs that
# waited (`carried`), what the receiver owes the payer (`counter`). With the receiver's account as printed and as the
# master data has it on the day, the payer's account for the currency, and what blocks the payment.
CLAIMS = """
    with days as (
        select distinct coalesce(%(execution_date)s, parts.due_date) as day
        from ledger.settlement_documents as documents
        cross join lateral (values (documents.due_date), (documents.retention_release_date)) as parts (due_date)
        where documents.bill_run_id = %(bill_run_id)s and parts.due_date is not null
    ),
    own as (
        select 'own' as role, days.day, claims.*
        from days cross join lateral ledger.claims(days.day) as claims
        where claims.bill_run_id = %(bill_run_id)s and coalesce(%(execution_date)s, claims.due_date) = days.day
    ),
    pairs as (
        select documents.payer_party_id, documents.receiver_party_id, documents.currency_code, min(own.day) as day
        from own join ledger.settlement_documents as documents using (settlement_key)
        where own.part_number = 1 and own.open_minor > 0 and documents.is_paid_by_operator
            and (own.is_netting_allowed or own.threshold_minor > 0)
        group by documents.payer_party_id, documents.receiver_party_id, documents.currency_code
    ),
    others as (
        select case when documents.payer_party_id = pairs.payer_party_id and claims.open_minor > 0 then 'carried'
                else 'counter' end as role, pairs.day, claims.*
        from pairs
        cross join lateral ledger.claims(pairs.day) as claims
        join ledger.settlement_documents as documents using (settlement_key)
        where documents.currency_code = pairs.currency_code and claims.part_number = 1 and claims.due_date <= pairs.day
            and (
                documents.payer_party_id = pairs.payer_party_id
                and documents.receiver_party_id = pairs.receiver_party_id
                and (claims.open_minor < 0 and claims.is_netting_allowed
                    or claims.open_minor > 0 and claims.bill_run_id <> %(bill_run_id)s and claims.threshold_minor > 0)
                or documents.payer_party_id = pairs.receiver_party_id
                and documents.receiver_party_id = pairs.payer_party_id
                and claims.open_minor > 0 and claims.is_netting_allowed
            )
    ),
    claims as (select * from own union all select * from others)
    select claims.role, claims.day, claims.settlement_key, claims.bill_run_id, claims.part_number,
        claims.attempt_number, claims.due_date, claims.latest_payment_date, claims.owed_minor, claims.open_minor,
        claims.held_minor, claims.state,
        claims.open_minor - claims.held_minor as payment_minor, claims.is_approved as is_under_approved_terms,
        claims.is_netting_allowed, claims.threshold_minor,
        claims.waits_until <= claims.day or claims.latest_payment_date <= claims.day + 31 as waits_no_longer,
        documents.document_number, documents.document_kind, documents.payer_party_id, documents.receiver_party_id,
        documents.currency_code, documents.is_paid_by_operator,
        documents.receiver ->> 'name' as receiver_name, documents.receiver ->> 'bank_account' as printed_account,
        claims.part_number = 2 and claims.due_date > coalesce(%(execution_date)s, documents.due_date) as is_retained,
        receivers.bank_account as present_account, flags.flags,
        coalesce((book_versions.definition #>> '{operator,payments,approved_partners_only}')::boolean, false)
            as needs_approval,
        approvals.party_id is not null as is_approved,
        approvals.bank_account as approved_account,
        approvals.effective_from
            + coalesce((book_versions.definition #>> '{operator,payments,cooling_off_days}')::integer, 7)
            as payable_from,
        debtors.legal_name as debtor_name, debtors.iban as debtor_account, debtors.bic as debtor_bic
    from claims
    join ledger.settlement_documents as documents using (settlement_key)
    join control.bill_runs on documents.bill_run_id = bill_runs.bill_run_id
    join catalog.book_versions using (book_id)
    cross join lateral (
        select case when documents.is_paid_by_operator then documents.receiver_party_id
            else documents.payer_party_id end as party_id
    ) as partners
    left join lateral (
        select parties.bank_account from inbox.parties
        where parties.party_id = documents.receiver_party_id and parties.effective_from <= claims.day
        order by parties.effective_from desc limit 1
    ) as receivers on true
    cross join lateral (
        select coalesce(array_agg(distinct party_flags.flag order by party_flags.flag), '{}') as flags
        from inbox.party_flags
        where party_flags.party_id = partners.party_id and party_flags.effective_from <= claims.day
            and (party_flags.effective_until is null or party_flags.effective_until > claims.day)
    ) as flags
    -- The newest record, when two people gave it and nothing is missing in it.
    left join lateral (
        select newest.* from (
            select * from inbox.partner_approvals
            where partner_approvals.party_id = documents.receiver_party_id
                and partner_approvals.effective_from <= claims.day
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
    order by claims.role = 'own' desc, documents.payer_party_id, documents.receiver_party_id, documents.currency_code,
        documents.number, claims.part_number
"""

# What each payment clears. Claims of one group are paid together, less what the receiver owes: the debts that are due
# first are set off first, the last one in part. A sum below the threshold waits, with everything in its group.
PAYMENTS_TO_MAKE = """
    with given as (
        select * from unnest(%(settlement_keys)s::uuid[], %(part_numbers)s::integer[], %(attempt_numbers)s::integer[],
            %(open_minors)s::bigint[], %(are_counter)s::boolean[], %(group_keys)s::text[], %(due_dates)s::date[],
            %(days)s::date[], %(thresholds)s::bigint[], %(wait_no_longer)s::boolean[])
            as given (settlement_key, part_number, attempt_number, open_minor, is_counter, group_key, due_date, day,
                threshold_minor, waits_no_longer)
    ),
    sums as (
        select group_key, min(day) as execution_date, max(threshold_minor) as threshold_minor,
            bool_or(waits_no_longer and not is_counter) as waits_no_longer,
            coalesce(sum(open_minor) filter (where not is_counter), 0)::bigint as owed_minor,
            coalesce(sum(abs(open_minor)) filter (where is_counter), 0)::bigint as owing_minor
        from given
        group by group_key
    ),
    counters as (
        select given.settlement_key,
            least(abs(given.open_minor), greatest(sums.owed_minor - sum(abs(given.open_minor)) over (
                partition by given.group_key order by given.due_date, given.settlement_key rows unbounded preceding
            ) + abs(given.open_minor), 0))::bigint as set_off_minor
        from given join sums using (group_key)
        where given.is_counter
    ),
    cleared as (
        select given.group_key, given.settlement_key, given.part_number, given.attempt_number, given.due_date,
            given.is_counter,
            case when given.is_counter then sign(given.open_minor)::bigint * counters.set_off_minor
                else given.open_minor end as cleared_minor
        from given left join counters using (settlement_key)
    )
    select cleared.*, sums.execution_date, sums.owed_minor - least(sums.owed_minor, sums.owing_minor) as amount_minor,
        sums.threshold_minor,
        sums.owed_minor - least(sums.owed_minor, sums.owing_minor) < sums.threshold_minor and not sums.waits_no_longer
            as is_carried,
        md5(string_agg(cleared.settlement_key || '/' || cleared.part_number || '/' || cleared.attempt_number, ',')
            over (partition by group_key order by cleared.settlement_key, cleared.part_number
                rows between unbounded preceding and unbounded following)) as payment_hash
    from cleared join sums using (group_key)
    where cleared.cleared_minor <> 0
    order by group_key, is_counter, due_date, settlement_key, part_number
"""

INSERT_PAYMENT = """
    insert into ledger.payments (payment_id, end_to_end_id, payer_party_id, receiver_party_id, receiver_name,
        bank_account, debtor_name, debtor_account, debtor_bic, currency_code, amount_minor, execution_date,
        remittance_text, paid_in_run, proposed_by)
    values (%(payment_id)s, %(end_to_end_id)s, %(payer_party_id)s, %(receiver_party_id)s, %(receiver_name)s,
        %(bank_account)s, %(debtor_name)s, %(debtor_account)s, %(debtor_bic)s, %(currency_code)s, %(amount_minor)s,
        %(execution_date)s, %(remittance_text)s, %(run_name)s, %(maker)s)
"""

INSERT_CLEARINGS = """
    insert into ledger.payment_clearings (settlement_key, part_number, attempt_number, payment_id, cleared_minor)
    select * from unnest(%(settlement_key)s::uuid[], %(part_number)s::integer[], %(attempt_number)s::integer[],
        %(payment_id)s::text[], %(cleared_minor)s::bigint[])
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
