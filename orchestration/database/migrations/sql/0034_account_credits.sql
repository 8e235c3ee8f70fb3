-- What takes something off whole bills: coupons, spread over the lines that they are for, and credits, which eat them in order.
create table inbox.coupons (
    coupon_id text not null check (coupon_id ~ '^[A-Za-z0-9_-]{1,40}$'),
    account_id text not null,
    effective_from timestamptz not null,     -- lines that cover any time in this span
    effective_until timestamptz,
    name text,                               -- as printed; null: the id
    percent numeric(7, 4) check (percent > 0 and percent <= 100),
    amount numeric(18, 4) check (amount > 0 and amount < 'Infinity'), -- per bill, in major units of currency_code
    currency_code text,
    lasts text not null check (lasts in ('once', 'periods', 'forever')),
    periods integer check (periods > 0),
    rest text not null check (rest in ('lost', 'kept')),              -- of an amount that a bill could not use up
    priority integer not null,               -- the lowest number comes first
    products text[],                         -- null: lines of any
    offerings text[],
    prices text[],
    charge_kinds text[],
    borne_by text not null,                  -- everyone, or who bears it alone
    file_id integer not null references inbox.files,
    line_number integer not null,
    primary key (account_id, coupon_id),
    check ((percent is null) <> (amount is null)),
    check ((amount is null) = (currency_code is null)),
    check ((lasts = 'periods') = (periods is not null)),
    check (rest = 'lost' or amount is not null)
);

create table inbox.credits (
    credit_id text not null check (credit_id ~ '^[A-Za-z0-9_-]{1,40}$'),
    account_id text not null,
    effective_from timestamptz not null,     -- lines that cover any time in this span
    effective_until timestamptz,             -- what is left then is lost
    name text,                               -- as printed; null: the id
    amount numeric(18, 4) not null check (amount > 0 and amount < 'Infinity'),
    currency_code text not null,
    priority integer not null,               -- the lowest number is used up first, then what expires first
    products text[],                         -- null: lines of any
    offerings text[],
    prices text[],
    charge_kinds text[],
    borne_by text not null,                  -- everyone, or who bears it alone
    file_id integer not null references inbox.files,
    line_number integer not null,
    primary key (account_id, credit_id)
);

-- What each coupon and credit of an account had on a bill run, what it took off, what later bills find.
create table published.fct_account_credits (
    bill_run_id integer not null,
    account_id text not null,
    credit_kind text not null check (credit_kind in ('coupon', 'credit')),
    credit_id text not null,
    step_number integer not null,            -- the order in which they are taken: coupons, then credits
    name text not null,
    percent numeric(7, 4),
    effective_from timestamptz not null,
    effective_until timestamptz,
    borne_by text not null,
    currency_code text not null,
    available_minor bigint,                  -- before this bill; null for a coupon in percent
    used_minor bigint not null check (used_minor >= 0),
    left_minor bigint check (left_minor >= 0), -- for later bills; null where each bill has it anew, or none
    primary key (bill_run_id, account_id, credit_kind, credit_id)
);
create index fct_account_credits_credit on published.fct_account_credits (account_id, credit_kind, credit_id);

create trigger posted_insert after insert on published.fct_account_credits referencing new table as changed_rows
    for each statement execute function control.refuse_posted_rows();
create trigger posted_delete after delete on published.fct_account_credits referencing old table as changed_rows
    for each statement execute function control.refuse_posted_rows();
create trigger posted_update_old after update on published.fct_account_credits referencing old table as changed_rows
    for each statement execute function control.refuse_posted_rows();
create trigger posted_update_new after update on published.fct_account_credits referencing new table as changed_rows
    for each statement execute function control.refuse_posted_rows();
create trigger posted_truncate before truncate on published.fct_account_credits
    for each statement execute function control.refuse_truncate_when_posted();

-- amount_minor is what coupons and credits leave; of a price with tax they take from the gross.
alter table published.fct_applied_billing_rates
    add column coupon_exact_minor numeric(38, 16) not null default 0 check (coupon_exact_minor <> 'NaN'),
    add column coupon_minor bigint not null default 0,
    add column credit_minor bigint not null default 0;

alter table published.fct_customer_bills
    add column coupon_minor bigint not null default 0,   -- taken off its lines
    add column credit_minor bigint not null default 0;

-- What credits leave of a part when they pay the line's parts in order; null where discounts or coupons stand between.
alter table published.fct_rate_parts
    add column left_to_pay_exact numeric(38, 16) check (left_to_pay_exact <> 'NaN');
