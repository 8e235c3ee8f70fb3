{# Both sides of the equations from usage to bills, and from party lines to their positions. #}

with

run_scope as (

    select * from {{ ref('stg_lane__run_scope') }}

),

outcomes as (

    select * from {{ ref('fct_account_outcomes') }}

),

charges as (

    select * from {{ ref('int_charges_adjusted') }}

),

lines as (

    select * from {{ ref('fct_applied_billing_rates') }}

),

bill_taxes as (

    select * from {{ ref('fct_bill_taxes') }}

),

bills as (

    select * from {{ ref('fct_customer_bills') }}

),

parked_accounts as (

    select * from {{ ref('int_parked_accounts') }}

),

party_lines as (

    select * from {{ ref('fct_applied_party_billing_rates') }}

),

accounts_by_outcome as (

    select
        'accounts_are_billed_parked_or_nothing' as check_name,
        '' as currency_code,
        (select count(*) from run_scope) as left_value,
        (select count(distinct account_id) from bills)
        + (select count(distinct agreement_id) from party_lines)
        + (select count(*) from outcomes where outcome in ('parked', 'nothing_to_bill')) as right_value,
        (select count(*) from outcomes) as rows_looked_at

),

charges_by_currency as (

    select
        charges.price_currency_code as currency_code,
        cast(sum(charges.amount_exact) as numeric(38, 16)) as amount_exact,
        cast(coalesce(sum(charges.amount_exact) filter (where parked_accounts.account_id is not null), 0) as numeric(38, 16)) as parked_exact,
        count(*) as charge_count
    from charges
    left join parked_accounts on charges.account_id = parked_accounts.account_id
    group by charges.price_currency_code

),

exact_lines_by_currency as (

    select price_currency_code as currency_code, cast(sum(amount_exact) as numeric(38, 16)) as amount_exact
    from lines
    group by price_currency_code

),

charges_billed as (

    select
        'charges_are_lines_or_parked' as check_name,
        currency_code,
        coalesce(charges_by_currency.amount_exact, 0) as left_value,
        coalesce(exact_lines_by_currency.amount_exact, 0) + coalesce(charges_by_currency.parked_exact, 0) as right_value,
        coalesce(charges_by_currency.charge_count, 0) as rows_looked_at
    from charges_by_currency
    full join exact_lines_by_currency using (currency_code)

),

lines_by_currency as (

    select currency_code, cast(sum(amount_minor) as numeric(38, 16)) as amount_minor, count(*) as line_count
    from lines
    group by currency_code

),

taxes_by_currency as (

    select
        currency_code,
        -- Further taxes have the base of the one that every line has, which counts once.
        cast(coalesce(sum(base_minor) filter (where tax_id = 'vat'), 0) as numeric(38, 16)) as base_minor,
        cast(sum(tax_minor) as numeric(38, 16)) as tax_minor,
        count(*) as tax_count
    from bill_taxes
    group by currency_code

),

bills_by_currency as (

    select
        currency_code,
        cast(sum(net_minor) as numeric(38, 16)) as net_minor,
        cast(sum(gross_minor) as numeric(38, 16)) as gross_minor,
        count(*) as bill_count
    from bills
    group by currency_code

),

sums_by_currency as (

    select
        currency_code,
        coalesce(lines_by_currency.amount_minor, 0) as lines_minor,
        coalesce(lines_by_currency.line_count, 0) as line_count,
        coalesce(taxes_by_currency.base_minor, 0) as base_minor,
        coalesce(taxes_by_currency.tax_minor, 0) as tax_minor,
        coalesce(taxes_by_currency.tax_count, 0) as tax_count,
        coalesce(bills_by_currency.net_minor, 0) as net_minor,
        coalesce(bills_by_currency.gross_minor, 0) as gross_minor,
        coalesce(bills_by_currency.bill_count, 0) as bill_count
    from lines_by_currency
    full join taxes_by_currency using (currency_code)
    full join bills_by_currency using (currency_code)

),

party_lines_by_currency as (

    select
        lines.currency_code,
        cast(sum(
            case when lines.is_settled and settled.agreement_version_id is not null then lines.amount_exact else 0 end * {{ minor_units_per_major('currencies.minor_digits') }}
        ) as numeric(38, 16)) as settled_minor,
        count(*) as line_count
    from {{ ref('fct_applied_party_billing_rates') }} as lines
    inner join {{ ref('stg_catalog__currencies') }} as currencies on lines.currency_code = currencies.currency_code
    -- The others have a settlement run of their own.
    left join {{ ref('int_agreements_settled') }} as settled on lines.agreement_version_id = settled.agreement_version_id
    group by lines.currency_code

),

party_positions_by_currency as (

    select currency_code, cast(sum(amount_exact) as numeric(38, 16)) as amount_exact
    from {{ ref('fct_positions') }}
    where hop_number = 0 and agreement_id is not null
    group by currency_code

)

select check_name, currency_code, left_value, right_value, rows_looked_at from accounts_by_outcome
union all
select check_name, currency_code, left_value, right_value, rows_looked_at from charges_billed
union all
select 'lines_are_bills_net', currency_code, lines_minor, net_minor, line_count from sums_by_currency
union all
select 'tax_bases_are_bills_net', currency_code, base_minor, net_minor, tax_count from sums_by_currency
union all
select 'bills_gross_is_net_and_tax', currency_code, gross_minor, net_minor + tax_minor, bill_count from sums_by_currency
union all
select
    'party_positions_are_their_lines',
    currency_code,
    coalesce(party_positions_by_currency.amount_exact, 0),
    coalesce(party_lines_by_currency.settled_minor, 0),
    coalesce(party_lines_by_currency.line_count, 0)
from party_positions_by_currency
full join party_lines_by_currency using (currency_code)
