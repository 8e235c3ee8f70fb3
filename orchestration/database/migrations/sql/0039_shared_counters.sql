-- Counters that all products of an account move together; what rounding leaves of a line, carried to the next bill; what a line's
-- adjustments leave of each of its parts.
alter table catalog.price_counters
    add column shared_by text not null default 'product' check (shared_by in ('product', 'account'));

alter table catalog.price_tariff_settings add column carry text not null default 'nothing' check (carry in ('nothing', 'cents'));

alter table published.fct_closing_balances drop constraint fct_closing_balances_balance_kind_check;
alter table published.fct_closing_balances add constraint fct_closing_balances_balance_kind_check
    check (balance_kind in ('counter', 'value', 'fee', 'minimum', 'carry'));

-- In minor units of the bill's currency: what rounding left of the price's line on the bill before.
alter table published.fct_applied_billing_rates
    add column carried_exact_minor numeric(38, 16) not null default 0 check (carried_exact_minor <> 'NaN');

alter table published.fct_rate_parts add column charged_exact numeric(38, 16) not null default 0 check (charged_exact <> 'NaN');
alter table published.fct_rate_parts alter column charged_exact drop default;
