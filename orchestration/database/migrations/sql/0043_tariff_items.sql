-- Sharing items whose amount is what a tariff of the agreement asks for the line's usage.
alter table catalog.agreement_steps
    drop constraint agreement_steps_rule_check,
    add constraint agreement_steps_rule_check check (
        rule in ('percent', 'tiers', 'per_unit', 'tariff', 'fixed', 'fixed_once', 'remaining')
    ),
    add column tariff_offering_id text,      -- <agreement>/<tariff>, whose prices rate the events of the line
    add column tariff_number integer,        -- among the tariffs of the terms: the place of its amount along a line
    add constraint agreement_steps_tariff_check check (
        (rule = 'tariff') = (tariff_offering_id is not null) and (rule = 'tariff') = (tariff_number is not null)
    );
