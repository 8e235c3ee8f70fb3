-- Phases of an offering: whose prices a product has, for how long, counted from its start.
create table catalog.offering_phases (
    book_id integer not null,
    offering_id text not null,
    phase_number integer not null,
    phase_id text not null,
    phase_kind text not null check (phase_kind in ('trial', 'discount', 'fixed_term', 'evergreen')),
    phase_offering_id text not null,         -- the offering whose prices are in force; often the same
    length_count integer check (length_count > 0),                                  -- null: no end
    length_unit text check (length_unit in ('day', 'week', 'month', 'year')),
    primary key (book_id, offering_id, phase_number),
    foreign key (book_id, offering_id) references catalog.offerings (book_id, offering_id),
    foreign key (book_id, phase_offering_id) references catalog.offerings (book_id, offering_id),
    check ((length_count is null) = (length_unit is null))
);

-- One-time prices that are charged when a product leaves before the end of its fixed term.
create table catalog.price_early_ends (
    price_version_id integer primary key references catalog.prices,
    is_per_month_left boolean not null       -- times the started months that were left
);

-- Prices whose line is rounded by a method of their own before it is rounded to the currency's minor unit.
create table catalog.price_line_roundings (
    price_version_id integer primary key references catalog.prices,
    rounding_method text not null check (rounding_method in ('half_up', 'half_even', 'up', 'down')),
    rounding_decimals integer not null check (rounding_decimals between 0 and 10)
);
