-- Sharing items of every form: two bases, limits, amounts of their own currency, tiers and fixed amounts over a period.
alter table catalog.agreement_steps
    drop constraint agreement_steps_basis_check,
    drop constraint agreement_steps_rule_check,
    add column pass_number integer,          -- place of the step in the passes; null: numbered per line
    add column other_basis text,             -- the second of two bases
    add column other_basis_step_number integer,
    add column basis_choice text check (basis_choice in ('higher', 'lower')),
    add column fixed_amount numeric(18, 10),
    add column fixed_per text check (fixed_per in ('line', 'product', 'customer', 'period')),
    add column tier_mode text check (tier_mode in ('marginal', 'whole_volume')),
    add column tier_of text check (tier_of in ('revenue', 'quantity', 'customers')),
    add column measured_over text check (measured_over in ('month', 'quarter', 'year')),
    add column currency_code text references catalog.currencies,   -- of the item's own amounts; null: the line's
    add column min_amount numeric(18, 10),   -- per line
    add column max_amount numeric(18, 10),
    add column is_cost boolean not null default false,             -- owed even where the revenue does not reach
    add constraint agreement_steps_basis_check check (basis in (
        'list', 'before_discount_ex_tax', 'after_discount_ex_tax', 'collected_ex_tax', 'remaining', 'item', 'quantity', 'none'
    )),
    add constraint agreement_steps_rule_check check (
        rule in ('percent', 'tiers', 'per_unit', 'fixed', 'fixed_once', 'remaining')
    ),
    add constraint agreement_steps_choice_check check ((basis_choice is null) = (other_basis is null));
comment on column catalog.agreement_steps.unit_amount is
    'per_unit: per unit of billed quantity, in currency_code or the currency of the line';

-- Tiers of a sharing item: from_measure < measured <= until_measure.
create table catalog.agreement_tiers (
    agreement_version_id integer not null references catalog.agreements,
    item_id text not null,
    tier_number integer not null,
    from_measure numeric(18, 6) not null,
    until_measure numeric(18, 6),            -- null: no end
    percent numeric(13, 10),
    unit_amount numeric(18, 10),
    primary key (agreement_version_id, item_id, tier_number)
);

-- How a position is rounded, and who bears what the revenue does not bring.
alter table catalog.agreements
    add column split_method text not null default 'largest_remainder',
    add column split_negatives text not null default 'mirrored' check (split_negatives in ('mirrored', 'floor')),
    add column split_step integer not null default 1 check (split_step > 0),
    add column discounts_borne_by text not null default 'everyone',   -- everyone, or a party
    add column trials_borne_by text not null default 'everyone',
    add column bad_debt_borne_by text not null default 'everyone',
    add column fraud_borne_by text not null default 'everyone';
