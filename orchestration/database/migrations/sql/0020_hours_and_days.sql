-- Counters of a local hour or day; opening balances in parts, which add up.
alter table catalog.price_counters drop constraint price_counters_counter_check;
alter table catalog.price_counters add constraint price_counters_counter_check check (
    counter in ('period', 'event', 'hour', 'day', 'month', 'quarter', 'year')
);
alter table inbox.opening_balances add column part text not null default '';
alter table inbox.opening_balances drop constraint opening_balances_pkey;
alter table inbox.opening_balances add primary key (product_id, price_id, counter_start, value, part);
