-- Personal allowances: what a product has of an allowance instead of what the book gives, dated.
create table inbox.allowance_overrides (
    product_id text not null check (product_id ~ '^[A-Za-z0-9_-]{1,40}$'),
    offering_id text not null,               -- the offering that has the allowance: the product's, or a component of its bundle
    allowance_id text not null,
    effective_from timestamptz not null,
    effective_until timestamptz,
    quantity numeric(18, 6) not null check (quantity >= 0 and quantity <> 'NaN'),    -- in the allowance's unit, or its money
    file_id integer not null references inbox.files,
    line_number integer not null,
    primary key (product_id, offering_id, allowance_id, effective_from)
);
