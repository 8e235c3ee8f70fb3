{{ config(materialized='table', post_hook="analyze {{ this }}") }}

{# The ways lines go through the passes of sharing: resolutions by the currency of the lines, in small numbers. #}

with

resolutions as (

    select * from {{ ref('int_agreement_resolutions') }}

),

accounts as (

    select * from {{ ref('int_lines_to_reshare' if target.schema == 'settle' else 'int_billing_accounts_in_run') }}

),

currencies as (

    select * from {{ ref('stg_catalog__currencies') }}

),

line_currencies as (

    select currencies.*
    from currencies
    where currencies.currency_code in (select accounts.currency_code from accounts)

)

select
    cast(row_number() over (order by resolutions.resolution_id, line_currencies.currency_code) as integer) as path_id,
    resolutions.resolution_id,
    resolutions.terms_id,
    resolutions.seller_party_id,
    resolutions.content_provider_party_id,
    resolutions.role_date,
    line_currencies.currency_code,
    line_currencies.minor_digits
from resolutions
cross join line_currencies
