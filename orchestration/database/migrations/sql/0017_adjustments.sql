-- What changes a line after its price: discounts and caps in order; and minimums, which are prices of their own.
alter table catalog.prices drop constraint prices_price_kind_check;
alter table catalog.prices add constraint prices_price_kind_check
    check (price_kind in ('usage', 'recurring', 'one_time', 'minimum'));

create table catalog.price_adjustments (
    price_version_id integer not null references catalog.prices,
    adjustment_number integer not null,      -- the price's own in their order, then the offering's
    adjustment_id text not null,
    kind text not null check (kind in ('percent', 'amount', 'maximum')),
    percent numeric(13, 10) check (percent >= 0 and percent <= 100),
    amount numeric(18, 10) check (amount >= 0 and amount < 'Infinity'),
    is_prorated boolean not null,            -- amounts shrink with the part of the cycle that the line charges
    from_amount numeric(18, 10) not null check (from_amount >= 0 and from_amount < 'Infinity'),  -- what the line must reach
    borne_by text not null,
    effective_from timestamptz,
    effective_until timestamptz,
    primary key (price_version_id, adjustment_number),
    check ((kind = 'percent') = (percent is not null)),
    check ((kind = 'percent') = (amount is null))
);

-- Which prices of the offering count towards a minimum; no row: all of them.
create table catalog.minimum_counts (
    price_version_id integer not null references catalog.prices,
    counted_price_id text not null,
    primary key (price_version_id, counted_price_id)
);
