-- Tariffs in full: every tier says what its amount pays for, in which blocks it is charged and what it may cost at most.
alter table catalog.price_tiers rename column package_size to block_size;
alter table catalog.price_tiers
    add column per_quantity numeric(18, 6) not null default 1 check (per_quantity > 0 and per_quantity < 'Infinity'),
    add column block_rounding text not null default 'up' check (block_rounding in ('up', 'down', 'nearest')),
    add column maximum_amount numeric(18, 10) check (maximum_amount >= 0 and maximum_amount < 'Infinity');
update catalog.price_tiers set per_quantity = prices.per_quantity
from catalog.prices where prices.price_version_id = price_tiers.price_version_id;
update catalog.price_tiers set per_quantity = block_size where block_size is not null;
alter table catalog.prices drop column per_quantity;

alter table inbox.price_override_tiers rename column package_size to block_size;
alter table inbox.price_override_tiers
    add column per_quantity numeric(18, 6) not null default 1,
    add column block_rounding text not null default 'up',
    add column maximum_amount numeric(18, 10);
update inbox.price_override_tiers set per_quantity = price_overrides.per_quantity
from inbox.price_overrides where price_overrides.price_override_id = price_override_tiers.price_override_id;
update inbox.price_override_tiers set per_quantity = block_size where block_size is not null;
alter table inbox.price_overrides drop column per_quantity;
alter table inbox.price_overrides
    add column minimum_amount numeric(18, 10),
    add column maximum_amount numeric(18, 10);

-- How a price version's tariff is read at its edges; a fee has no row and takes what is written here as defaults.
create table catalog.price_tariff_settings (
    price_version_id integer primary key references catalog.prices,
    bounds text not null default 'up_to_inclusive' check (bounds in ('up_to_inclusive', 'from_inclusive')),
    unused text not null default 'nothing' check (unused in ('nothing', 'first_flat')),
    below_zero text not null default 'first_unit' check (below_zero in ('first_unit', 'mirrored', 'nothing')),
    beyond_last text check (beyond_last in ('free', 'last')),  -- null: the last tier has no end
    free_quantity numeric(18, 6) not null default 0 check (free_quantity >= 0 and free_quantity < 'Infinity'),
    minimum_amount numeric(18, 10) check (minimum_amount >= 0 and minimum_amount < 'Infinity'),  -- of T above zero
    maximum_amount numeric(18, 10) check (maximum_amount >= 0 and maximum_amount < 'Infinity'),
    increment_method text check (increment_method in ('half_up', 'half_even', 'up', 'down')),
    increment_decimals smallint check (increment_decimals between 0 and 10),  -- the price of a block is rounded first
    check ((increment_method is null) = (increment_decimals is null))
);
