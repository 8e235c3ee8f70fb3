-- The book as dated rows. One `book_versions` row per digest; every rule row belongs to one book version, so a run
-- that pins `book_id` sees one consistent set of rules. Loaded by assets/catalog, never edited.
create schema catalog;

create table catalog.book_versions (
    book_id integer generated always as identity primary key,
    book_digest text not null unique check (book_digest ~ '^[0-9a-f]{64}$'),
    operator_party_id text not null,
    time_zone text not null,
    home_currency text not null,
    definition jsonb not null,               -- the whole validated book, for documents and `explain`
    loaded_at timestamptz not null default now()
);

-- Texts shown to people: names of offerings, prices, zones. object_kind: offering, price, usage_specification, zone, agreement.
create table catalog.texts (
    book_id integer not null references catalog.book_versions,
    object_kind text not null,
    object_id text not null,                 -- prices: '<offering_id>/<price_id>'
    language_code text not null,
    text text not null,
    primary key (book_id, object_kind, object_id, language_code)
);

create table catalog.legal_entities (
    book_id integer not null references catalog.book_versions,
    legal_entity_id text not null,
    party_id text not null,
    legal_name text not null,
    country_code text not null,
    tax_number text not null,
    currency_code text not null,
    bank_account text,
    address_lines text[] not null,
    bill_series_prefix text not null,
    primary key (book_id, legal_entity_id)
);

-- Identity of a usage specification is stable across book versions (usage rows carry the small integer).
create table catalog.usage_specifications (
    usage_specification_id integer generated always as identity primary key,
    usage_specification_code text not null unique
);

create table catalog.usage_specification_versions (
    book_id integer not null references catalog.book_versions,
    usage_specification_id integer not null references catalog.usage_specifications,
    definition jsonb not null,               -- the validated YAML: file format, columns, bounds
    quantity_scales smallint[] not null,     -- decimals of slot 1, 2, 3: quantity = units / 10^scale
    quantity_units_of_measure text[] not null, -- unit shown per slot: s, MB, 1 ...
    primary key (book_id, usage_specification_id)
);

create table catalog.zone_prefixes (
    book_id integer not null references catalog.book_versions,
    zone_list text not null,
    zone text not null,
    prefix text not null,                    -- leading digits without '+', or a whole code for code lists
    primary key (book_id, zone_list, prefix)
);

-- Decision table: no row means the bill is parked.
create table catalog.tax_rules (
    book_id integer not null references catalog.book_versions,
    supplier_country_code text not null,
    receiver_country_code text not null,     -- '*' = any country without a row of its own
    receiver_status text not null check (receiver_status in ('business', 'consumer', '*')),
    tax_category text not null,
    treatment text not null check (treatment in ('standard', 'reduced', 'zero', 'exempt', 'reverse_charge', 'outside_scope')),
    rate_percent numeric(7, 4) not null check (rate_percent >= 0 and rate_percent < 100),
    mention text,                            -- key of the legal sentence on the document
    effective_from date not null,
    effective_until date,
    primary key (book_id, supplier_country_code, receiver_country_code, receiver_status, tax_category, effective_from)
);

-- 1 unit of base_currency = rate units of quote_currency on rate_date. Reference data, append-only, not bound to a book.
create table catalog.fx_rates (
    fx_source text not null,
    rate_date date not null,
    base_currency_code text not null,
    quote_currency_code text not null,
    rate numeric(20, 10) not null check (rate > 0 and rate < 'Infinity'),
    primary key (fx_source, rate_date, base_currency_code, quote_currency_code)
);

create table catalog.currencies (
    currency_code text primary key check (currency_code ~ '^[A-Z]{3}$'),
    minor_digits smallint not null check (minor_digits between 0 and 4)
);

create table catalog.offerings (
    book_id integer not null references catalog.book_versions,
    offering_id text not null,
    offering_kind text not null check (offering_kind in ('simple', 'bundle')),
    service_kind text not null,              -- voice, sms, data, ott, iot, cloud, ehealth, bundle: grouping and icon on the bill
    tax_category text not null,
    legal_entity_id text not null,           -- supplier for VAT and issuer
    trial_days integer not null default 0,
    effective_from date not null,
    effective_until date,
    primary key (book_id, offering_id)
);

create table catalog.bundle_components (
    book_id integer not null,
    bundle_offering_id text not null,
    component_offering_id text not null,
    weight numeric(18, 10) not null check (weight >= 0 and weight < 'Infinity'),
    primary key (book_id, bundle_offering_id, component_offering_id),
    foreign key (book_id, bundle_offering_id) references catalog.offerings (book_id, offering_id),
    foreign key (book_id, component_offering_id) references catalog.offerings (book_id, offering_id)
);

-- One dated version of one price of an offering.
create table catalog.prices (
    price_version_id integer generated always as identity primary key,
    book_id integer not null references catalog.book_versions,
    offering_id text not null,
    price_id text not null,                  -- unique within the offering
    price_kind text not null check (price_kind in ('usage', 'recurring', 'one_time')),
    currency_code text not null references catalog.currencies,
    is_tax_inclusive boolean not null default false,
    effective_from timestamptz not null,     -- local midnight of the operator, as an instant
    effective_until timestamptz,
    -- usage
    usage_specification_id integer references catalog.usage_specifications,
    measure_aggregation text check (measure_aggregation in ('sum', 'count')),
    measure_slot smallint check (measure_slot between 1 and 3),
    tariff_model text not null check (tariff_model in ('per_unit', 'graduated', 'volume', 'package', 'flat')),
    per_quantity numeric(18, 6) not null default 1 check (per_quantity > 0 and per_quantity < 'Infinity'),
    specificity integer not null default 0,  -- number of conditions; the most specific matching price wins
    allowance_id text,                       -- bucket of the same offering that this price draws from first
    -- recurring
    charged text check (charged in ('in_advance', 'in_arrears')),
    is_prorated boolean not null default true,
    trial_applies boolean not null default false,
    sort_order integer not null,
    unique (book_id, offering_id, price_id, effective_from),
    foreign key (book_id, offering_id) references catalog.offerings (book_id, offering_id)
);

-- All conditions of a price must hold. A zone condition looks the value up in zone_list by longest prefix first.
create table catalog.price_conditions (
    price_version_id integer not null references catalog.prices,
    characteristic text not null,
    zone_list text,                          -- null: compare the value itself
    allowed_values text[] not null,
    primary key (price_version_id, characteristic)
);

-- The tariff as written in the book; dbt compiles it into segments of T.
create table catalog.price_tiers (
    price_version_id integer not null references catalog.prices,
    tier_number integer not null,
    from_quantity numeric(18, 6) not null,   -- exclusive lower bound; the first tier starts at 0
    until_quantity numeric(18, 6),           -- inclusive upper bound; null = no end
    unit_amount numeric(18, 10) not null default 0,   -- per `per_quantity`, or per package
    flat_amount numeric(18, 10) not null default 0,   -- once when the tier is entered
    package_size numeric(18, 6),             -- package tariff only
    primary key (price_version_id, tier_number)
);

create table catalog.allowances (
    book_id integer not null,
    offering_id text not null,
    allowance_id text not null,
    usage_quantity numeric(18, 6) not null check (usage_quantity > 0 and usage_quantity < 'Infinity'),
    is_prorated boolean not null default false,
    primary key (book_id, offering_id, allowance_id),
    foreign key (book_id, offering_id) references catalog.offerings (book_id, offering_id)
);

-- Agreement versions. effective_*: when the terms apply; known_from: when they were signed and known.
create table catalog.agreements (
    agreement_version_id integer generated always as identity primary key,
    book_id integer not null references catalog.book_versions,
    agreement_id text not null,
    version text not null,
    effective_from timestamptz not null,
    effective_until timestamptz,
    known_from date not null,
    payer_party_id text not null,            -- the party whose revenue this agreement shares (the operator for a root)
    associated_agreement_id text,            -- next hop up: this agreement shares what `associated_item_id` gave the payer
    associated_item_id text,
    settlement_currency_code text not null references catalog.currencies,
    fx_source text not null,
    settlement_trigger text not null check (settlement_trigger in ('billed')),
    due_days integer not null,
    document_kind text not null check (document_kind in ('statement', 'self_billed')),
    tax_category text not null,
    definition jsonb not null,
    unique (book_id, agreement_id, version)
);

-- Which lines a root agreement covers. Null = any. More non-null columns = more specific; ties are an error of the book.
create table catalog.agreement_covers (
    agreement_version_id integer not null references catalog.agreements,
    offering_id text,
    price_id text,
    seller_party_id text
);

-- A root agreement with all its hops, for a span of time in which no version in the chain changes.
create table catalog.agreement_terms (
    terms_id integer generated always as identity primary key,
    book_id integer not null references catalog.book_versions,
    root_agreement_version_id integer not null references catalog.agreements,
    effective_from timestamptz not null,
    effective_until timestamptz
);

-- The chain resolved into ranked steps. A step may depend only on steps of lower rank.
create table catalog.agreement_steps (
    terms_id integer not null references catalog.agreement_terms,
    step_number integer not null,            -- 1.. in waterfall order over all hops
    step_rank integer not null check (step_rank between 1 and 24),
    hop_number integer not null,             -- 1 = root agreement
    agreement_version_id integer not null references catalog.agreements,
    item_id text not null,
    payer_party_id text not null,
    receiver_party_id text,                  -- exactly one of party and role
    receiver_role text,                      -- seller, seller.parent, seller.parent.parent ...
    hop_base_step_number integer,            -- the step whose amount is the base of this hop; null: the line
    basis text not null check (basis in ('after_discount_ex_tax', 'remaining', 'item', 'quantity')),
    basis_step_number integer,               -- for basis 'item'
    rule text not null check (rule in ('percent', 'per_unit', 'remaining')),
    percent numeric(13, 10),
    unit_amount numeric(18, 10),             -- per_unit: in the line's currency per unit of billed quantity
    is_kept boolean not null default false,  -- the payer's own part
    primary key (terms_id, step_number),
    check ((receiver_party_id is null) <> (receiver_role is null))
);
