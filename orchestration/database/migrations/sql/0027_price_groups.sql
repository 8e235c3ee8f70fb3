-- Prices of a product of which only the greatest is paid: each measures its own quantity, and one price pays for all.
create table catalog.price_groups (
    price_version_id integer primary key references catalog.prices,
    price_group text not null
);
