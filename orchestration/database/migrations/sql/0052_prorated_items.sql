-- A guarantee or cap of an agreement that begins within its measurement may be for its days only.

alter table catalog.agreement_items
    add column is_prorated boolean not null default false;
