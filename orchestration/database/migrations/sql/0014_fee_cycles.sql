-- How often a recurring price is charged and how part cycles are prorated; one row for each recurring price version.
create table catalog.price_fee_cycles (
    price_version_id integer primary key references catalog.prices,
    every_unit text not null check (every_unit in ('bill_period', 'day', 'week', 'month', 'quarter', 'year')),
    every_count integer not null check (every_count between 1 and 999),
    anchor text not null check (anchor in ('cycle_day', 'calendar', 'anniversary')),
    cycle_day smallint check (cycle_day between 1 and 31),   -- null: the account's
    counts_seconds boolean not null,         -- parts are counted in seconds; otherwise in local days
    charges_last_day boolean not null,       -- the day on which a product ends is charged
    divisor text not null check (divisor in ('cycle', 'stepping', 'thirty_days')),
    factor_decimals smallint check (factor_decimals between 0 and 10)   -- each part's factor is rounded; null: exact
);
insert into catalog.price_fee_cycles
select price_version_id, 'bill_period', 1, 'cycle_day', null, false, false, 'cycle', null
from catalog.prices where price_kind = 'recurring';

-- What a line is made of, in order: the cycles of a fee, the tiers of a price for usage, or the line as a whole.
create table published.fct_rate_parts (
    bill_run_id integer not null,
    line_key uuid not null,
    part_number integer not null,
    part_kind text not null,                 -- leading, whole, trailing, inner, one_time; tier; line
    tier_number integer,
    covered_from timestamptz not null,
    covered_until timestamptz not null,
    quantity numeric(38, 6) not null check (quantity <> 'NaN'),
    period_factor numeric(18, 10) not null check (period_factor <> 'NaN'),
    price_currency_code text not null,
    amount_exact numeric(38, 16) not null check (amount_exact <> 'NaN'),   -- before the line's adjustments
    primary key (bill_run_id, line_key, part_number)
);

create trigger posted_insert after insert on published.fct_rate_parts referencing new table as changed_rows
    for each statement execute function control.refuse_posted_rows();
create trigger posted_delete after delete on published.fct_rate_parts referencing old table as changed_rows
    for each statement execute function control.refuse_posted_rows();
create trigger posted_update_old after update on published.fct_rate_parts referencing old table as changed_rows
    for each statement execute function control.refuse_posted_rows();
create trigger posted_update_new after update on published.fct_rate_parts referencing new table as changed_rows
    for each statement execute function control.refuse_posted_rows();
create trigger posted_truncate before truncate on published.fct_rate_parts
    for each statement execute function control.refuse_truncate_when_posted();
