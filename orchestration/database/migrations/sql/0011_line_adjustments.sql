-- What a line was before discounts, and each step from there to what is billed, so that sharing can tell who bears which.
alter table published.fct_applied_billing_rates
    add column line_number integer,          -- order on the account's bills: offering, product, kind, order of the book
    add column list_minor bigint,            -- bill currency: by the price of the book, without personalised price or trial
    add column before_discount_minor bigint; -- bill currency: by the price in force, before the first line adjustment

alter table published.fct_applied_billing_rates disable trigger user;
update published.fct_applied_billing_rates as lines
set line_number = numbered.line_number, list_minor = lines.amount_minor, before_discount_minor = lines.amount_minor
from (
    select bill_run_id, line_key, row_number() over (
        partition by bill_run_id, account_id order by coalesce(bundle_offering_id, offering_id), product_id, line_key
    ) as line_number
    from published.fct_applied_billing_rates
) as numbered
where lines.bill_run_id = numbered.bill_run_id and lines.line_key = numbered.line_key;
alter table published.fct_applied_billing_rates enable trigger user;

alter table published.fct_applied_billing_rates
    alter column line_number set not null,
    alter column list_minor set not null,
    alter column before_discount_minor set not null;

-- before_discount_minor + the adjustments of the line = amount_minor, exactly.
create table published.fct_line_adjustments (
    bill_run_id integer not null,
    line_key uuid not null,
    adjustment_number integer not null,      -- the order in which they were applied
    adjustment_id text not null,             -- as in the book, or the coupon's id
    kind text not null,                      -- percent, amount, quantity, maximum, coupon ...
    borne_by text not null,                  -- everyone (shares are taken from what is left), or who bears it alone
    quantity numeric(38, 6) not null check (quantity <> 'NaN'),       -- quantity left out of the price; 0 for others
    price_currency_code text not null,
    amount_exact numeric(38, 16) not null check (amount_exact <> 'NaN'), -- price currency; negative lowers the line
    currency_code text not null,
    amount_minor bigint not null,            -- bill currency: its part of amount_minor - before_discount_minor
    primary key (bill_run_id, line_key, adjustment_number)
);

create trigger posted_insert after insert on published.fct_line_adjustments referencing new table as changed_rows
    for each statement execute function control.refuse_posted_rows();
create trigger posted_delete after delete on published.fct_line_adjustments referencing old table as changed_rows
    for each statement execute function control.refuse_posted_rows();
create trigger posted_update_old after update on published.fct_line_adjustments referencing old table as changed_rows
    for each statement execute function control.refuse_posted_rows();
create trigger posted_update_new after update on published.fct_line_adjustments referencing new table as changed_rows
    for each statement execute function control.refuse_posted_rows();
create trigger posted_truncate before truncate on published.fct_line_adjustments
    for each statement execute function control.refuse_truncate_when_posted();
