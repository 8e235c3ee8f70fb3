-- An allowance is of a quantity or of money, in the currency of the prices that draw from it.
alter table catalog.allowances
    alter column usage_quantity drop not null,
    add column amount numeric(20, 10) check (amount > 0 and amount < 'Infinity'),
    add constraint allowances_of_usage_or_of_money check ((usage_quantity is null) <> (amount is null));
