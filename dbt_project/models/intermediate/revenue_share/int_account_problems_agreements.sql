{# What stops an account's charges from being shared: roles, partners' master data, currency and tax of partner documents. #}

with

charges as (

    select * from {{ ref('int_charges_exact') }}

),

run as (

    select * from {{ ref('int_run') }}

),

terms_with_roles as (

    select * from {{ ref('int_terms_with_roles') }}

),

resolutions as (

    select * from {{ ref('int_agreement_resolutions') }}

),

accounts as (

    select * from {{ ref('int_billing_accounts_in_run') }}

),

offerings as (

    select * from {{ ref('stg_catalog__offerings') }}

),

step_problems as (

    select * from {{ ref('int_step_problems') }}

),

charge_kinds as (

    select distinct
        charges.account_id,
        charges.terms_id,
        {{ role_seller('charges') }} as seller_party_id,
        {{ role_content_provider('offerings') }} as content_provider_party_id,
        {{ role_date('charges') }} as role_date
    from charges
    left join terms_with_roles on charges.terms_id = terms_with_roles.terms_id
    left join offerings on charges.offering_id = offerings.offering_id
    where charges.terms_id is not null

)

select distinct
    charge_kinds.account_id,
    step_problems.reason_code,
    step_problems.detail
from charge_kinds
inner join resolutions
    on charge_kinds.terms_id = resolutions.terms_id
    and charge_kinds.seller_party_id = resolutions.seller_party_id
    and charge_kinds.content_provider_party_id = resolutions.content_provider_party_id
    and charge_kinds.role_date = resolutions.role_date
inner join accounts on charge_kinds.account_id = accounts.account_id
inner join step_problems
    on resolutions.resolution_id = step_problems.resolution_id
    and (step_problems.currency_code is null or accounts.currency_code = step_problems.currency_code)
