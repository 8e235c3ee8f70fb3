-- What the parties do about terms and documents: approve, accept, contest, dispute, set off, wait. And what blocks it.

alter table catalog.agreements
    add column terms_digest text not null default '',          -- SHA-256 of the version's terms; '' in older catalogues
    add column self_billing_days integer,                      -- days to answer; null: no acceptance was agreed
    add column silence_accepts boolean not null default false,
    add column tolerance_percent numeric(13, 10) not null default 0,
    add column tolerance_amount numeric(18, 4) not null default 0,   -- major units of the settlement currency
    add column receiver_prevails boolean not null default false,
    add column raise_within_days integer not null default 30,
    add column answer_within_days integer not null default 60,
    add column escalate_after_days integer[] not null default '{14,30}',
    add column is_netting_allowed boolean not null default false,
    add column payout_threshold numeric(18, 4) not null default 0,   -- major units of the settlement currency
    add column longest_wait_days integer not null default 365;

-- Terms that two people stand for: one had the term sheet made, another has read these bytes.
create table control.term_approvals (
    agreement_id text not null,
    version text not null,
    terms_digest text not null,
    term_sheet_sha256 text not null,
    language_code text not null,
    prepared_by text not null check (btrim(prepared_by) <> ''),
    approved_by text not null check (btrim(approved_by) <> ''),
    approved_at timestamptz not null default now(),
    primary key (agreement_id, version, terms_digest),
    constraint approved_by_another check (lower(btrim(prepared_by)) <> lower(btrim(approved_by)))
);

-- What stops payments to a party or the setting off against it.
create table inbox.party_flags (
    party_id text not null,
    flag text not null check (flag in ('insolvency', 'seizure', 'payment_block')),
    effective_from date not null,
    effective_until date,
    reason text not null,
    set_by text not null,
    file_id integer not null references inbox.files,
    line_number integer not null,
    primary key (party_id, flag, effective_from)
);

-- Amounts as a partner states them, at the grain of its files.
create table inbox.partner_statement_rows (
    agreement_id text not null,
    party_id text not null,
    month text not null check (month ~ '^[0-9]{4}-[0-9]{2}$'),
    grain text not null check (grain in ('period', 'product_day', 'line')),
    product_id text not null,                                  -- '' where the grain has none
    usage_day text not null,
    line_key text not null,
    amount numeric(18, 4) not null,                            -- major units of the settlement currency
    file_id integer not null references inbox.files,
    line_number integer not null,
    primary key (agreement_id, party_id, month, product_id, usage_day, line_key)
);

-- How a receiver answered a self-billed document. The newest answer counts; what is issued is answered for ever.
create table ledger.document_answers (
    answer_id bigint generated always as identity primary key,
    settlement_key uuid not null references ledger.settlement_documents,
    answer text not null check (answer in ('accepted', 'contested', 'issued')),
    answered_on date not null,
    answered_by text not null check (btrim(answered_by) <> ''),
    detail text not null default '',
    recorded_at timestamptz not null default now()
);
create index document_answers_document on ledger.document_answers (settlement_key);

-- A partner's figures compared with ours, once per act, kept as they were.
create table ledger.statement_matchings (
    matching_id bigint generated always as identity primary key,
    agreement_id text not null,
    party_id text not null,
    month text not null,
    grain text not null,
    currency_code text not null,
    matched_by text not null check (btrim(matched_by) <> ''),
    matched_on date not null,
    recorded_at timestamptz not null default now()
);
create table ledger.statement_matches (
    matching_id bigint not null references ledger.statement_matchings,
    product_id text not null,
    usage_day text not null,
    line_key text not null,
    match_class text not null check (match_class in ('matched', 'within_tolerance', 'mismatched', 'missing_here', 'missing_there')),
    ours_minor bigint,                                         -- null: missing here
    theirs_minor numeric(22, 4),                               -- null: missing there; a partner may state parts of a unit
    difference_minor bigint not null,                          -- theirs less ours
    primary key (matching_id, product_id, usage_day, line_key)
);

create table ledger.disputes (
    dispute_id text primary key,
    settlement_key uuid not null references ledger.settlement_documents,
    agreement_id text not null,
    payer_party_id text not null,
    receiver_party_id text not null,
    currency_code text not null,
    matching_id bigint references ledger.statement_matchings,  -- null: raised by hand
    disputed_minor bigint not null check (disputed_minor <> 0),-- what the receiver claims more (negative: less) than ours
    held_minor bigint not null check (held_minor >= 0),        -- of the payment, until it ends
    raised_on date not null,
    answer_by date not null,                                   -- after it the payer's figure is deemed accepted
    escalate_on date[] not null,
    raised_by text not null check (btrim(raised_by) <> ''),
    detail text not null default '',
    recorded_at timestamptz not null default now()
);
create index disputes_document on ledger.disputes (settlement_key);
create table ledger.dispute_resolutions (
    dispute_id text primary key references ledger.disputes,
    adjustment_minor bigint not null,                          -- 0: the payer's figure stands
    adjustment_id text unique,                                 -- of inbox.adjustments, when there is something to adjust
    resolved_on date not null,
    requested_by text not null check (btrim(requested_by) <> ''),
    approved_by text not null check (btrim(approved_by) <> ''),
    detail text not null default '',
    recorded_at timestamptz not null default now(),
    check ((adjustment_minor = 0) = (adjustment_id is null)),
    constraint resolved_by_two check (lower(btrim(requested_by)) <> lower(btrim(approved_by)))
);

-- Adjustments come from files, and from disputes.
alter table inbox.adjustments
    alter column file_id drop not null,
    alter column line_number drop not null,
    add column dispute_id text references ledger.disputes,
    add constraint from_a_file_or_a_dispute check ((file_id is null) <> (dispute_id is null) and (file_id is null) = (line_number is null));

do $$
declare relation text;
begin
    foreach relation in array array['control.term_approvals', 'ledger.document_answers', 'ledger.statement_matchings',
                                    'ledger.statement_matches', 'ledger.disputes', 'ledger.dispute_resolutions'] loop
        execute format('create trigger append_only before update or delete on %s
                        for each row execute function control.refuse_change()', relation);
        execute format('create trigger append_only_truncate before truncate on %s
                        for each statement execute function control.refuse_change()', relation);
    end loop;
end $$;

-- The agreement versions behind a document, as its own book has them: those whose shares are on it, and of every other item
-- the version in force on the last day.
create view ledger.document_agreements with (security_invoker = true) as
select documents.settlement_key, agreements.*
from ledger.settlement_documents as documents
join ledger.posted_positions as posted using (settlement_key)
join published.fct_positions as positions using (bill_run_id, position_key)
join catalog.agreements using (agreement_version_id)
union
select items.settlement_key, in_force.*
from (
    select distinct items.settlement_key, documents.bill_run_id, items.agreement_id
    from ledger.settlement_items as items
    join ledger.settlement_documents as documents using (settlement_key)
    where items.stage = 'position' and items.agreement_id is not null
) as items
join control.bill_runs using (bill_run_id)
cross join lateral (
    select agreements.* from catalog.agreements
    where agreements.book_id = bill_runs.book_id and agreements.agreement_id = items.agreement_id
        and agreements.effective_from < bill_runs.period_end
    order by agreements.effective_from desc limit 1
) as in_force;

-- The terms of one document: where its agreements differ, the most cautious.
create view ledger.document_terms with (security_invoker = true) as
select document_agreements.settlement_key,
    max(self_billing_days) as self_billing_days,
    bool_and(silence_accepts) filter (where self_billing_days is not null) as silence_accepts,
    bool_and(is_netting_allowed) as is_netting_allowed,
    max(payout_threshold) as payout_threshold,
    min(longest_wait_days) as longest_wait_days,
    bool_and(approvals.agreement_id is not null) as is_approved
from ledger.document_agreements
left join control.term_approvals as approvals using (agreement_id, version, terms_digest)
group by document_agreements.settlement_key;

-- Where every document stands on a day: a receiver that says nothing has accepted, if that was agreed.
create function ledger.document_states(as_of date)
returns table (settlement_key uuid, state text, answer_by date, answered_on date, answered_by text, detail text)
language sql stable as $$
    select documents.settlement_key,
        case
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

create function ledger.guard_document_answer() returns trigger language plpgsql as $$
declare found_state text;
begin
    select state into found_state from ledger.document_states(new.answered_on) where settlement_key = new.settlement_key;
    if new.answer = 'issued' and found_state not in ('accepted', 'deemed_accepted')
        or new.answer <> 'issued' and found_state not in ('proposed', 'contested', 'deemed_accepted', 'accepted') then
        raise exception 'settlement %: % although it is %.', new.settlement_key, new.answer, found_state
            using errcode = 'check_violation';
    end if;
    return new;
end $$;
create trigger allowed_step before insert on ledger.document_answers
    for each row execute function ledger.guard_document_answer();

-- Disputes on a day. One that ended in an adjustment holds its part back until the adjustment is posted.
create function ledger.dispute_states(as_of date)
returns table (dispute_id text, settlement_key uuid, state text, escalation_level integer, next_escalation_on date,
    held_minor bigint)
language sql stable as $$
    select disputes.dispute_id, disputes.settlement_key, states.state,
        cardinality(array(select day from unnest(disputes.escalate_on) as days (day) where day <= as_of)),
        case when states.state in ('open', 'escalated') then
            (select min(day) from unnest(disputes.escalate_on) as days (day) where day > as_of) end,
        case
            when states.state in ('open', 'escalated') then disputes.held_minor
            when resolutions.adjustment_minor < 0 and not exists (
                select from ledger.settlement_items
                where item_kind = 'adjustment' and reference = resolutions.adjustment_id
            ) then disputes.held_minor
            else 0
        end
    from ledger.disputes
    left join ledger.dispute_resolutions as resolutions
        on disputes.dispute_id = resolutions.dispute_id and resolutions.resolved_on <= as_of
    cross join lateral (
        select case
            when resolutions.dispute_id is not null then 'resolved'
            when as_of > disputes.answer_by then 'deemed_accepted'
            when exists (select from unnest(disputes.escalate_on) as days (day) where day <= as_of) then 'escalated'
            else 'open'
        end as state
    ) as states
    where disputes.raised_on <= as_of
$$;

-- Every claim of a posted document on a day: part 1 is what is paid when due, part 2 what was retained. Signed as the
-- document is: above 0 the payer owes the receiver.
create function ledger.claims(as_of date)
returns table (settlement_key uuid, part_number integer, bill_run_id integer, due_date date, latest_payment_date date,
    owed_minor bigint, cleared_minor bigint, open_minor bigint, held_minor bigint, attempt_number integer, state text,
    is_approved boolean, is_netting_allowed boolean, threshold_minor bigint, waits_until date)
language sql stable as $$
    with claims as (
        select documents.*, parts.part_number, parts.part_due_date, parts.owed_minor
        from ledger.settlement_documents as documents
        cross join lateral (
            values (1, documents.due_date, documents.payment_minor),
                (2, documents.retention_release_date, documents.retained_minor)
        ) as parts (part_number, part_due_date, owed_minor)
        where parts.part_number = 1 or parts.owed_minor <> 0
    ),
    cleared as (
        select clearings.settlement_key, clearings.part_number, max(clearings.attempt_number) as attempt_number,
            coalesce(sum(clearings.cleared_minor) filter (where reversals.payment_id is null), 0)::bigint as cleared_minor
        from ledger.payment_clearings as clearings
        left join ledger.payment_reversals as reversals using (payment_id)
        group by clearings.settlement_key, clearings.part_number
    ),
    held as (
        select disputes.settlement_key, sum(disputes.held_minor)::bigint as held_minor,
            bool_or(disputes.state in ('open', 'escalated')) as is_disputed
        from ledger.dispute_states(as_of) as disputes
        group by disputes.settlement_key
    )
    select claims.settlement_key, claims.part_number, claims.bill_run_id, claims.part_due_date,
        claims.issue_date + coalesce(statutory.days, 60),
        claims.owed_minor, coalesce(cleared.cleared_minor, 0), claims.owed_minor - coalesce(cleared.cleared_minor, 0),
        case when claims.part_number = 1 then coalesce(held.held_minor, 0) else 0 end,
        coalesce(cleared.attempt_number, 0) + 1,
        case when held.is_disputed then 'disputed' else states.state end,
        coalesce(terms.is_approved, false)
            or coalesce(book_versions.definition #>> '{operator,payments,unapproved_terms}', 'wait') = 'pay',
        coalesce(terms.is_netting_allowed, false),
        trunc(coalesce(terms.payout_threshold, 0) * 10::numeric ^ currencies.minor_digits)::bigint,
        claims.due_date + coalesce(terms.longest_wait_days, 365)
    from claims
    join control.bill_runs using (bill_run_id)
    join catalog.book_versions using (book_id)
    join catalog.currencies using (currency_code)
    join ledger.document_states(as_of) as states using (settlement_key)
    left join ledger.document_terms as terms using (settlement_key)
    left join cleared using (settlement_key, part_number)
    left join held using (settlement_key)
    left join lateral (
        select (rows.row ->> 'days')::integer as days
        from jsonb_array_elements(coalesce(book_versions.definition #> '{operator,payments,latest_payment}', '[]')) as rows (row)
        where coalesce(rows.row ->> 'receiver_country', claims.receiver ->> 'country_code')
                is not distinct from claims.receiver ->> 'country_code'
            and coalesce(rows.row ->> 'document', claims.document_kind) = claims.document_kind
        order by (rows.row ->> 'receiver_country') is not null desc, (rows.row ->> 'document') is not null desc,
            (rows.row ->> 'days')::integer
        limit 1
    ) as statutory on true
$$;

-- A claim may be cleared in parts: what was disputed or exceeded what it was set off against follows in a further attempt.
-- Attempts follow each other without a gap, so that two payers cannot take the same one, and together they never exceed
-- what is owed.
create or replace function ledger.refuse_double_clearing() returns trigger language plpgsql as $$
declare found_fault record;
begin
    select new_rows.settlement_key, new_rows.attempt_number into found_fault
    from new_rows
    where new_rows.attempt_number > 1 and not exists (
        select from ledger.payment_clearings as before
        where before.settlement_key = new_rows.settlement_key and before.part_number = new_rows.part_number
            and before.attempt_number = new_rows.attempt_number - 1
    )
    limit 1;
    if found then
        raise exception 'ledger.payment_clearings: attempt % of settlement % without the one before.',
            found_fault.attempt_number, found_fault.settlement_key using errcode = 'unique_violation';
    end if;
    select documents.settlement_key, sum(clearings.cleared_minor) as cleared_minor,
        min(case clearings.part_number when 1 then documents.payment_minor when 2 then documents.retained_minor else 0 end)
            as owed_minor
    into found_fault
    from ledger.settlement_documents as documents
    join ledger.payment_clearings as clearings using (settlement_key)
    left join ledger.payment_reversals as reversals using (payment_id)
    where reversals.payment_id is null and documents.settlement_key in (select settlement_key from new_rows)
    group by documents.settlement_key, clearings.part_number
    having sign(sum(clearings.cleared_minor)) <> sign(
            min(case clearings.part_number when 1 then documents.payment_minor when 2 then documents.retained_minor else 0 end))
        or abs(sum(clearings.cleared_minor)) > abs(
            min(case clearings.part_number when 1 then documents.payment_minor when 2 then documents.retained_minor else 0 end))
        or bool_or(sign(clearings.cleared_minor) <> sign(
            case clearings.part_number when 1 then documents.payment_minor when 2 then documents.retained_minor else 0 end))
    limit 1;
    if found then
        raise exception 'ledger.payment_clearings: % minor units of settlement % cleared, owed are %.',
            found_fault.cleared_minor, found_fault.settlement_key, found_fault.owed_minor using errcode = 'check_violation';
    end if;
    select payments.payment_id, payments.amount_minor, sum(clearings.cleared_minor) as cleared_minor into found_fault
    from ledger.payments
    join ledger.payment_clearings as clearings using (payment_id)
    join ledger.settlement_documents as documents using (settlement_key)
    where payments.payment_id in (select payment_id from new_rows)
    group by payments.payment_id, payments.amount_minor
    having sum(case when documents.payer_party_id = payments.payer_party_id then 1 else -1 end * clearings.cleared_minor)
        <> payments.amount_minor
        or bool_or(documents.currency_code <> payments.currency_code)
        or bool_or(not (documents.payer_party_id = payments.payer_party_id and documents.receiver_party_id = payments.receiver_party_id
            or documents.payer_party_id = payments.receiver_party_id and documents.receiver_party_id = payments.payer_party_id))
    limit 1;
    if found then
        raise exception 'ledger.payment_clearings: payment % is not the sum of what it clears between its two parties.',
            found_fault.payment_id using errcode = 'check_violation';
    end if;
    return null;
end $$;

-- Partners read their own disputes and answers as they read their documents.
create view partner.disputes with (security_invoker = true) as
select dispute_id, settlement_key, agreement_id, payer_party_id, receiver_party_id, currency_code, disputed_minor, held_minor,
    raised_on, answer_by
from ledger.disputes;

alter function control.open_to_partners() rename to open_documents_to_partners;
create function control.open_disputes_to_partners() returns void language plpgsql as $open$
begin
    alter table ledger.disputes enable row level security;
    alter table ledger.disputes force row level security;
    create policy staff on ledger.disputes using (not pg_has_role(current_user, 'apportion_partner', 'usage'));
    create policy own_hops on ledger.disputes for select to apportion_partner using (exists (
        select from control.partner_logins as logins
        where logins.role_name = current_user and logins.party_id in (payer_party_id, receiver_party_id)));
    -- Not who raised it, nor the notes of the operator's people.
    grant select (dispute_id, settlement_key, agreement_id, payer_party_id, receiver_party_id, currency_code, disputed_minor,
        held_minor, raised_on, answer_by) on ledger.disputes to apportion_partner;
    grant select on partner.disputes to apportion_partner;
end $open$;
create function control.open_to_partners() returns void language sql as $open$
    select control.open_documents_to_partners();
    select control.open_disputes_to_partners();
$open$;
do $$
begin
    if exists (select from pg_roles where rolname = 'apportion_partner') then
        perform control.open_disputes_to_partners();
    end if;
end $$;
