-- Every tariff model; counters other than the period's; what is charged, limited and rounded per event.
alter table catalog.prices drop constraint prices_tariff_model_check;
alter table catalog.prices add constraint prices_tariff_model_check check (tariff_model in (
    'per_unit', 'graduated', 'volume', 'package', 'percentage', 'graduated_percentage', 'dynamic', 'flat'
));

-- Over what a usage price counts; a row per version that counts over something else than the period.
create table catalog.price_counters (
    price_version_id integer primary key references catalog.prices,
    counter text not null default 'period' check (counter in ('period', 'event'))
);

-- What happens to one event besides its tariff; a row per version that has any of it.
create table catalog.price_event_rules (
    price_version_id integer primary key references catalog.prices,
    round_first_quantity numeric(18, 6) check (round_first_quantity > 0 and round_first_quantity < 'Infinity'),
    round_next_quantity numeric(18, 6) check (round_next_quantity > 0 and round_next_quantity < 'Infinity'),
    event_amount numeric(18, 10) not null default 0 check (event_amount >= 0 and event_amount < 'Infinity'),
    minimum_amount numeric(18, 10) check (minimum_amount >= 0 and minimum_amount < 'Infinity'),
    maximum_amount numeric(18, 10) check (maximum_amount >= 0 and maximum_amount < 'Infinity'),
    zero_events text not null default 'free' check (zero_events in ('free', 'charged')),
    rounding_method text check (rounding_method in ('half_up', 'half_even', 'up', 'down')),
    rounding_decimals smallint check (rounding_decimals between 0 and 10),
    check ((round_first_quantity is null) = (round_next_quantity is null)),
    check ((rounding_method is null) = (rounding_decimals is null))
);
