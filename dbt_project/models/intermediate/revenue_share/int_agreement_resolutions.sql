{{ config(materialized='table', post_hook="analyze {{ this }}") }}

{# Lines that share in the same way: same terms and, where these name roles, same seller, content provider and day of the hierarchy. #}

with

charges as (

    select * from {{ ref('int_lines_to_reshare' if target.schema == 'settle' else 'int_charges_exact') }}

),

run as (

    select * from {{ ref('int_run') }}

),

terms_with_roles as (

    select * from {{ ref('int_terms_with_roles') }}

),

offerings as (

    select * from {{ ref('stg_catalog__offerings') }}

),

combinations as (

    select distinct
        charges.terms_id,
        {{ role_seller('charges') }} as seller_party_id,
        {{ role_content_provider('offerings') }} as content_provider_party_id,
        {{ role_date('charges') }} as role_date
    from charges
    left join terms_with_roles on charges.terms_id = terms_with_roles.terms_id
    left join offerings on charges.offering_id = offerings.offering_id
    where charges.terms_id is not null

)

select
    cast(row_number() over (order by terms_id, seller_party_id, content_provider_party_id, role_date) as integer) as resolution_id,
    terms_id,
    seller_party_id,
    content_provider_party_id,
    role_date
from combinations
