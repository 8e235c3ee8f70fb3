-- Calendars: bands of time that prices ask for. Days are chosen by rules; a run turns them into instants.
create table catalog.calendars (
    book_id integer not null references catalog.book_versions,
    calendar_number integer not null,        -- dense from 1 in the book
    calendar_id text not null,
    time_zone text,                          -- null: the clock of each account
    overlap_rule text not null check (overlap_rule in ('most_specific', 'latest_start')),
    primary key (book_id, calendar_number),
    unique (book_id, calendar_id)
);

-- All conditions on the day hold at once; null asks nothing.
create table catalog.time_bands (
    book_id integer not null,
    time_band_number integer not null,       -- dense from 1 in the book
    calendar_number integer not null,
    time_band_id text not null,
    weekdays smallint[],                     -- 1 = Monday
    months smallint[],
    month_days smallint[],
    dates text[],                            -- MM-DD or YYYY-MM-DD
    holiday_rule text check (holiday_rule in ('only', 'except')),
    starts_at time not null,
    ends_at time check (ends_at > starts_at), -- null: midnight
    weight integer not null,
    specificity smallint not null,
    primary key (book_id, time_band_number),
    foreign key (book_id, calendar_number) references catalog.calendars (book_id, calendar_number)
);

create table catalog.calendar_holidays (
    book_id integer not null,
    calendar_number integer not null,
    holiday_date date not null,
    primary key (book_id, calendar_number, holiday_date),
    foreign key (book_id, calendar_number) references catalog.calendars (book_id, calendar_number)
);

-- Which bands a tariff of a price version is for: its tiers carry the same band_number; 0 is the tariff outside them.
create table catalog.price_time_bands (
    price_version_id integer not null references catalog.prices,
    band_number smallint not null check (band_number > 0),
    calendar_number integer not null,
    time_band_numbers integer[] not null,
    tariff_model text not null,
    minimum_amount numeric(18, 10) check (minimum_amount >= 0 and minimum_amount < 'Infinity'),
    maximum_amount numeric(18, 10) check (maximum_amount >= 0 and maximum_amount < 'Infinity'),
    primary key (price_version_id, band_number)
);
alter table catalog.price_tiers add column band_number smallint not null default 0;
alter table catalog.price_tiers drop constraint price_tiers_pkey, add primary key (price_version_id, band_number, tier_number);

-- Slot of the seconds by which events are split where bands change; null: the band at the start counts.
alter table catalog.usage_specification_versions add column duration_slot smallint check (duration_slot between 1 and 3);
