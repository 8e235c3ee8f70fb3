-- How a bundle's recurring fee is shared out over its components; one-time fees go by weight.
alter table catalog.offerings add column allocation_method text
    check (allocation_method in ('weights', 'standalone_price', 'usage', 'residual'));
update catalog.offerings set allocation_method = 'weights' where offering_kind = 'bundle';
alter table catalog.offerings add constraint offerings_bundles_are_allocated
    check ((offering_kind = 'bundle') = (allocation_method is not null));

alter table catalog.bundle_components
    add column standalone_amount numeric(18, 10) check (standalone_amount >= 0 and standalone_amount < 'Infinity'),
    add column takes_residual boolean not null default false;
