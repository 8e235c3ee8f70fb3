{#
    Both sides of the equations from accepted usage to charges, customers' and partners'. One side is counted from the inbox itself, the
    other from the rated events; none of it is what the models of charges were made from.
#}

with

inbox as (

    select * from {{ ref('int_reconciliation_inbox') }}

),

rated_usage as (

    select * from {{ ref('int_reconciliation_rated') }}

),

suspended_usage as (

    select
        reason_code = 'no_agreement' or coalesce(account_id, '') like {{ agreement_account("'%'") }} as is_of_agreement,
        count(*) as suspended_count
    from {{ ref('int_usage_suspended') }}
    group by 1

),

customer_products as (

    select distinct product_number
    from {{ ref('int_products_dated') }}
    where agreement_id is null

),

prices as (

    select * from {{ ref('stg_catalog__prices') }}

),

charges as (

    select * from {{ ref('int_charges_exact') }}
    where charge_kind = 'usage'

),

party_charges as (

    select * from {{ ref('int_party_charges') }}

),

parked_accounts as (

    select * from {{ ref('int_parked_accounts') }}

),

party_lines as (

    select * from {{ ref('fct_applied_party_billing_rates') }}

),

done_usage as (

    select is_of_agreement, rated_count as done_count from rated_usage
    union all
    select is_of_agreement, suspended_count from suspended_usage

),

rated_by_price as (

    select
        price_version_id,
        rated_count,
        amount_exact
    from rated_usage
    where not is_of_agreement

    union all

    -- What unused products pay belongs to no event.
    select
        price_version_id,
        0,
        cast(sum(amount_exact) as numeric(38, 16))
    from {{ ref('int_usage_openings') }}
    inner join customer_products using (product_number)
    group by price_version_id

),

rated_by_currency as (

    select
        prices.currency_code,
        cast(sum(rated_by_price.rated_count) as bigint) as rated_count,
        cast(sum(rated_by_price.amount_exact) as numeric(38, 16)) as amount_exact
    from rated_by_price
    inner join prices on rated_by_price.price_version_id = prices.price_version_id
    group by prices.currency_code

),

charges_by_currency as (

    select
        price_currency_code as currency_code,
        cast(sum(amount_exact) as numeric(38, 16)) as amount_exact
    from charges
    group by price_currency_code

),

party_charges_by_currency as (

    select
        party_charges.currency_code,
        cast(sum(party_charges.amount_exact) as numeric(38, 16)) as amount_exact,
        cast(coalesce(sum(party_charges.amount_exact) filter (
            where parked_accounts.account_id is not null
        ), 0) as numeric(38, 16)) as parked_exact,
        count(*) as charge_count
    from party_charges
    left join parked_accounts on party_charges.account_id = parked_accounts.account_id
    group by party_charges.currency_code

),

party_lines_by_currency as (

    select
        currency_code,
        cast(sum(amount_exact) as numeric(38, 16)) as amount_exact
    from party_lines
    group by currency_code

)

select
    'usage_is_rated_or_suspended' as check_name,
    '' as currency_code,
    cast(accepted_count - elsewhere_count as numeric(38, 16)) as left_value,
    cast(coalesce((select sum(done_count) from done_usage where not is_of_agreement), 0) as numeric(38, 16)) as right_value,
    accepted_count as rows_looked_at
from inbox

union all

select
    'party_usage_is_rated_or_suspended',
    '',
    covered_count,
    coalesce((select sum(done_count) from done_usage where is_of_agreement), 0),
    covered_count
from inbox

union all

select
    'rated_usage_is_usage_charges',
    currency_code,
    coalesce(rated_by_currency.amount_exact, 0),
    coalesce(charges_by_currency.amount_exact, 0),
    coalesce(rated_by_currency.rated_count, 0)
from rated_by_currency
full join charges_by_currency using (currency_code)

union all

select
    'party_charges_are_lines_or_parked',
    currency_code,
    coalesce(party_charges_by_currency.amount_exact, 0),
    coalesce(party_lines_by_currency.amount_exact, 0) + coalesce(party_charges_by_currency.parked_exact, 0),
    coalesce(party_charges_by_currency.charge_count, 0)
from party_charges_by_currency
full join party_lines_by_currency using (currency_code)
