-- What one bill run leaves for the next: counters that go on, values held, fees paid beyond the period. A run opens with
-- the closing balances of the account's last posted run, and else with what the inbox says.
create table published.fct_closing_balances (
    bill_run_id integer not null,
    account_id text not null,
    product_id text not null,
    offering_id text not null,               -- of the price: the component's for parts of a bundle
    price_id text not null,
    balance_kind text not null check (balance_kind in ('counter', 'value', 'fee', 'minimum')),
    counter_start date not null,             -- local first day: of the counter, of the fee's paid span, of the minimum's cycle
    counter_until date,                      -- local day after the last; null: stays until an event changes it
    value text not null default '',          -- of a count of distinct values: one that is held
    quantity numeric(24, 12) not null check (quantity <> 'NaN'),             -- counted so far
    highest_quantity numeric(24, 12) check (highest_quantity <> 'NaN'),      -- billed: highest_so_far; null: not looked at
    free_quantity numeric(24, 12) not null default 0 check (free_quantity <> 'NaN'),   -- the part that free events took
    event_count bigint not null default 0,   -- of prices with free events
    currency_code text not null,             -- the price's
    amount_billed numeric(38, 16) not null check (amount_billed <> 'NaN'),   -- by all bills of the same counter so far
    covered_from timestamptz,                -- of fees only: what is paid for
    covered_until timestamptz,
    primary key (bill_run_id, account_id, product_id, offering_id, price_id, balance_kind, counter_start, value),
    check ((balance_kind = 'fee') = (covered_until is not null)),
    check (covered_from < covered_until),
    check (counter_start < counter_until)
);
create index fct_closing_balances_account on published.fct_closing_balances (account_id);

create trigger posted_insert after insert on published.fct_closing_balances referencing new table as changed_rows
    for each statement execute function control.refuse_posted_rows();
create trigger posted_delete after delete on published.fct_closing_balances referencing old table as changed_rows
    for each statement execute function control.refuse_posted_rows();
create trigger posted_update_old after update on published.fct_closing_balances referencing old table as changed_rows
    for each statement execute function control.refuse_posted_rows();
create trigger posted_update_new after update on published.fct_closing_balances referencing new table as changed_rows
    for each statement execute function control.refuse_posted_rows();
create trigger posted_truncate before truncate on published.fct_closing_balances
    for each statement execute function control.refuse_truncate_when_posted();

-- Fees that another system charged in advance, of customers who move in.
create table inbox.fees_billed (
    product_id text not null check (product_id ~ '^[A-Za-z0-9_-]{1,40}$'),
    price_id text not null,
    covered_from date not null,              -- local days, half-open: what the amount paid for
    covered_until date not null,
    amount_billed numeric(18, 4) not null check (amount_billed >= 0),   -- of the price's currency
    file_id integer not null references inbox.files,
    line_number integer not null,
    primary key (product_id, price_id, covered_from),
    check (covered_from < covered_until)
);

-- What another system left in an allowance, of customers who move in.
create table inbox.bucket_balances (
    holder_id text not null check (holder_id ~ '^[A-Za-z0-9_-]{1,40}$'),     -- the product, account or group that has it
    offering_id text not null,
    allowance_id text not null,
    carried_on date not null,                -- first day of the period that it is carried into
    quantity numeric(18, 6) not null check (quantity >= 0 and quantity <> 'NaN'),
    file_id integer not null references inbox.files,
    line_number integer not null,
    primary key (holder_id, offering_id, allowance_id, carried_on)
);
