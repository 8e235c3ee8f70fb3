{# Accounts that must not be billed as they stand; the billing models park them with the reason. An agreement settles what it can:
   usage that its tariffs do not price is suspended and shown, the rest is owed. #}

with

run_window as (

    select * from {{ ref('int_run_window') }}

),

run_scope as (

    select * from {{ ref('stg_lane__run_scope') }}
    where account_id not like {{ agreement_account("'%'") }}

),

billing_accounts as (

    select * from {{ ref('stg_inbox__billing_accounts') }}

),

parties as (

    select * from {{ ref('stg_inbox__parties') }}

),

products as (

    select distinct
        account_id,
        product_id,
        offering_id
    from {{ ref('int_products_dated') }}
    where is_in_scope and agreement_id is null

),

offerings as (

    select * from {{ ref('stg_catalog__offerings') }}

),

suspended as (

    select * from {{ ref('int_usage_suspended') }}

),

accounts_in_force as (

    select distinct on (billing_accounts.account_id)
        billing_accounts.account_id,
        billing_accounts.party_id
    from billing_accounts
    inner join run_window on billing_accounts.effective_from <= run_window.issue_date
    order by billing_accounts.account_id, billing_accounts.effective_from desc

),

known_parties as (

    select distinct parties.party_id
    from parties
    inner join run_window on parties.effective_from <= run_window.issue_date

),

missing_parties as (

    select
        run_scope.account_id,
        'no_party' as reason_code,
        case
            when accounts_in_force.account_id is null then 'account ' || run_scope.account_id || ' has no record in force on the issue date'
            else 'party ' || accounts_in_force.party_id || ' of account ' || run_scope.account_id || ' has no record in force on the issue date'
        end as detail
    from run_scope
    left join accounts_in_force on run_scope.account_id = accounts_in_force.account_id
    left join known_parties on accounts_in_force.party_id = known_parties.party_id
    where known_parties.party_id is null

),

missing_offerings as (

    select
        products.account_id,
        'no_offering' as reason_code,
        'offering ' || min(products.offering_id) || ' of product ' || min(products.product_id) || ' is not in the book' as detail
    from products
    left join offerings on products.offering_id = offerings.offering_id
    where offerings.offering_id is null
    group by products.account_id

),

missing_prices as (

    select
        account_id,
        'no_price' as reason_code,
        count(*) || ' usage rows suspended, first: ' || min(detail) as detail
    from suspended
    inner join run_scope using (account_id)
    group by account_id

)

select * from missing_parties
union all
select * from missing_offerings
union all
select * from missing_prices
union all
select * from {{ ref('int_balance_clashes') }}
