-- Every aggregation; quantities that stay, are prorated, billed at their highest, or carried into a period from before.
alter table catalog.prices drop constraint prices_measure_aggregation_check;
alter table catalog.prices add constraint prices_measure_aggregation_check check (measure_aggregation in (
    'sum', 'count', 'max', 'latest', 'unique_count', 'weighted_sum'
));

alter table catalog.price_counters drop constraint price_counters_counter_check;
alter table catalog.price_counters
    add constraint price_counters_counter_check check (counter in ('period', 'event', 'month', 'quarter', 'year')),
    add column billed text not null default 'delta' check (billed in ('delta', 'cumulative', 'highest_so_far')),
    add column is_recurring boolean not null default false,  -- the quantity stays until an event changes it
    add column prorated_by text check (prorated_by in ('days_left', 'characteristic')),
    add column prorated_slot smallint check (prorated_slot between 1 and 3),
    add column is_removal_day_charged boolean not null default true,
    add column free_events integer check (free_events > 0),
    add column value_characteristic text,        -- unique_count: what is counted once
    add column removal_characteristic text,      -- unique_count: says that the value is removed
    add column removal_values text[],
    add check ((prorated_by = 'characteristic') = (prorated_slot is not null));

-- What a counter had reached before the first event of a period: closing balances of another system, by product and price.
create table inbox.opening_balances (
    product_id text not null check (product_id ~ '^[A-Za-z0-9_-]{1,40}$'),
    price_id text not null,
    counter_start date not null,                 -- local first day of the counter: of the period, month, quarter or year
    value text not null default '',              -- unique_count: one record for each value that is held
    quantity numeric(24, 12) not null,
    amount_billed numeric(18, 4) not null default 0,  -- of the price's currency, by earlier bills of the same counter
    file_id integer not null references inbox.files,
    line_number integer not null,
    primary key (product_id, price_id, counter_start, value)
);
