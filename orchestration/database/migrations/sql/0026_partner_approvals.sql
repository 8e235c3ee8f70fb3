-- That a partner may be paid: what was checked, who asked, who approved. A newer record replaces the one before.
create table inbox.partner_approvals (
    party_id text not null,
    effective_from date not null,
    bank_account text not null,
    is_tax_data_complete boolean not null,
    self_billing text not null check (self_billing in ('agreed', 'not_needed', 'missing')),
    requested_by text not null,
    approved_by text not null,
    file_id integer not null references inbox.files,
    line_number integer not null,
    primary key (party_id, effective_from)
);
