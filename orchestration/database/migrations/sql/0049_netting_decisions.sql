-- A payment that leaves nothing to transfer has no file that a second person could approve: the set-off itself is decided on.

create table ledger.netting_decisions (
    payment_id text primary key references ledger.payments,
    decision text not null check (decision in ('approved', 'declined')),
    decided_by text not null check (btrim(decided_by) <> ''),
    detail text not null default '',
    decided_at timestamptz not null default now()
);
-- What was set off before was booked at once.
insert into ledger.netting_decisions (payment_id, decision, decided_by, detail)
select payments.payment_id, 'approved', 'nobody', 'booked before decisions on set-offs were asked for'
from ledger.payments
left join ledger.payment_reversals as reversals using (payment_id)
where payments.amount_minor = 0 and reversals.payment_id is null;

create trigger append_only before update or delete on ledger.netting_decisions
    for each row execute function control.refuse_change();
create trigger append_only_truncate before truncate on ledger.netting_decisions
    for each statement execute function control.refuse_change();

create function ledger.guard_netting_decision() returns trigger language plpgsql as $$
declare payment ledger.payments;
begin
    select * into payment from ledger.payments where payment_id = new.payment_id;
    if payment.amount_minor <> 0 then
        raise exception 'payment %: % minor units are left to pay; its file is decided on.', new.payment_id, payment.amount_minor
            using errcode = 'check_violation';
    end if;
    if lower(btrim(payment.proposed_by)) = lower(btrim(new.decided_by)) then
        raise exception 'payment %: % has proposed it and cannot decide on it. A second person decides.',
            new.payment_id, new.decided_by using errcode = 'check_violation';
    end if;
    return new;
end $$;
create trigger second_person before insert on ledger.netting_decisions
    for each row execute function ledger.guard_netting_decision();

-- As before, but that mutual claims are netted only when a second person has approved it.
create or replace view ledger.payment_states with (security_invoker = true) as
with last_answers as (
    select distinct on (payment_answers.payment_id) payment_answers.*
    from ledger.payment_answers
    join ledger.bank_answers using (answer_sha256)
    order by payment_answers.payment_id, payment_answers.status = 'rejected' desc, bank_answers.received_at desc
),
handovers as (
    select message_id, max(attempt_number) as attempt_number,
        max(attempt_number) filter (where step = 'done') as done_attempt_number
    from ledger.payment_handovers
    group by message_id
)
select payments.payment_id, entries.message_id,
    case
        when reversals.reason_code is not null then reversals.reason_code
        when last_answers.status = 'accepted' then 'accepted'
        when last_answers.status = 'pending' then 'pending'
        when nettings.decision = 'approved' then 'netted'
        when handovers.done_attempt_number = handovers.attempt_number then 'handed_over'
        when handovers.attempt_number is not null then 'unknown'
        when decisions.decision = 'approved' then 'approved'
        when entries.message_id is not null then 'prepared'
        else 'proposed'
    end as state,
    coalesce(last_answers.status_code, '') as status_code,
    coalesce(last_answers.reason_code, '') as reason_code,
    coalesce(reversals.detail, last_answers.detail, '') as detail
from ledger.payments
left join ledger.payment_file_entries as entries using (payment_id)
left join ledger.payment_decisions as decisions using (message_id)
left join ledger.netting_decisions as nettings using (payment_id)
left join handovers using (message_id)
left join last_answers using (payment_id)
left join ledger.payment_reversals as reversals using (payment_id);
