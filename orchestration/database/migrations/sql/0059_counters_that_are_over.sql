-- Where a counter stood that is over: late usage goes on from there. Of a period's counter `value` says the version of the price.
alter table published.fct_closing_balances drop constraint fct_closing_balances_balance_kind_check;
alter table published.fct_closing_balances add constraint fct_closing_balances_balance_kind_check
    check (balance_kind in ('counter', 'value', 'fee', 'minimum', 'carry', 'ended'));
