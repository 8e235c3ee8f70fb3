-- What a partner may read with a database login of its own: its documents, their items, and their payments. Row level
-- security on current_user, forced so that it holds for owners too, and views with the rights of who reads.

create table control.partner_logins (
    role_name name primary key,
    party_id text not null
);

create schema partner;
create view partner.statements with (security_invoker = true) as
select document_number, period_id, payer_party_id, receiver_party_id, document_kind, currency_code, issue_date, due_date,
    position_minor, tax_minor, document_minor, withheld_minor, retained_minor, retention_release_date, payment_minor,
    settlement_key
from ledger.settlement_documents;
create view partner.statement_items with (security_invoker = true) as
select settlement_key, stage, item_kind, agreement_id, item_id, payer_party_id, receiver_party_id, currency_code,
    basis_minor, rate_percent, amount_minor, settled_on, reference
from ledger.settlement_items;
create view partner.payments with (security_invoker = true) as
select payment_id, payer_party_id, receiver_party_id, currency_code, amount_minor, execution_date, remittance_text
from ledger.payments;

revoke all on schema public from public;

-- Everything that names the group of partners' logins. Making the group takes the right to make roles, which the owner of a
-- database need not have: then an administrator makes it (create role apportion_partner nologin) and the owner calls this.
create function control.open_to_partners() returns void language plpgsql as $open$
declare relation text;
begin
    alter table control.partner_logins enable row level security;
    alter table control.partner_logins force row level security;
    create policy own_row on control.partner_logins for select to apportion_partner using (role_name = current_user);
    -- Everybody who is no partner: the owner of the tables, and whoever was granted rights on them. `usage` asks for rights
    -- that are in force: making the group gives its maker a membership that is not.
    create policy staff on control.partner_logins using (not pg_has_role(current_user, 'apportion_partner', 'usage'));
    foreach relation in array array['settlement_documents', 'settlement_items', 'payments'] loop
        execute format('alter table ledger.%I enable row level security', relation);
        execute format('alter table ledger.%I force row level security', relation);
        execute format('create policy staff on ledger.%I using (not pg_has_role(current_user, ''apportion_partner'', ''usage''))',
                       relation);
        -- Its own hops: it pays or is paid.
        execute format('create policy own_hops on ledger.%I for select to apportion_partner using (exists (
            select from control.partner_logins as logins
            where logins.role_name = current_user and logins.party_id in (payer_party_id, receiver_party_id)))', relation);
    end loop;
    grant usage on schema partner, ledger, control to apportion_partner;
    grant select on control.partner_logins to apportion_partner;
    -- The columns the views show and no others: no numbers of series, no copies of master data, no bank accounts.
    grant select (document_number, period_id, payer_party_id, receiver_party_id, document_kind, currency_code, issue_date,
        due_date, position_minor, tax_minor, document_minor, withheld_minor, retained_minor, retention_release_date,
        payment_minor, settlement_key) on ledger.settlement_documents to apportion_partner;
    grant select (settlement_key, stage, item_kind, agreement_id, item_id, payer_party_id, receiver_party_id, currency_code,
        basis_minor, rate_percent, amount_minor, settled_on, reference) on ledger.settlement_items to apportion_partner;
    grant select (payment_id, payer_party_id, receiver_party_id, currency_code, amount_minor, execution_date, remittance_text)
        on ledger.payments to apportion_partner;
    grant select on partner.statements, partner.statement_items, partner.payments to apportion_partner;
end $open$;

-- Roles belong to the whole server: several databases on it share the group, so it may be there already.
do $$
begin
    create role apportion_partner nologin;
exception when duplicate_object or unique_violation or insufficient_privilege then null;
end $$;
do $$
begin
    if exists (select from pg_roles where rolname = 'apportion_partner') then
        perform control.open_to_partners();
    else
        raise notice 'no role apportion_partner: partners get no logins until an administrator makes it';
    end if;
end $$;
