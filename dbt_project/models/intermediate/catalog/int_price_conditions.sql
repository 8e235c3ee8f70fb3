{{ config(materialized='table', post_hook='analyze {{ this }}') }}

{# Conditions of usage prices and of what tariffs of agreements cover, equal ones numbered once, so that a characteristic value is
   looked at once however many ask. An identifier of an agreement is a condition for the span in which it is the agreement's. #}

with

price_conditions as (

    select * from {{ ref('stg_catalog__price_conditions') }}

),

prices as (

    select * from {{ ref('stg_catalog__prices') }}

),

covers as (

    select * from {{ ref('stg_catalog__agreement_tariff_covers') }}

),

cover_conditions as (

    select * from {{ ref('stg_catalog__agreement_tariff_conditions') }}

),

tariffs as (

    select * from {{ ref('stg_catalog__agreement_tariffs') }}

),

product_identifiers as (

    select * from {{ ref('stg_inbox__product_identifiers') }}

),

conditions as (

    select
        price_conditions.price_version_id,
        cast(null as integer) as cover_id,
        false as is_identifier,
        cast(null as timestamptz) as effective_from,
        cast(null as timestamptz) as effective_until,
        prices.usage_specification_id,
        price_conditions.characteristic,
        price_conditions.zone_list,
        price_conditions.allowed_values
    from price_conditions
    inner join prices on price_conditions.price_version_id = prices.price_version_id

    union all

    select
        null,
        covers.cover_id,
        false,
        null,
        null,
        covers.usage_specification_id,
        cover_conditions.characteristic,
        cover_conditions.zone_list,
        cover_conditions.allowed_values
    from cover_conditions
    inner join covers on cover_conditions.cover_id = covers.cover_id

    union all

    select
        null,
        covers.cover_id,
        true,
        product_identifiers.effective_from,
        product_identifiers.effective_until,
        covers.usage_specification_id,
        covers.identified_characteristic,
        null,
        array[product_identifiers.identifier]
    from covers
    inner join tariffs on covers.offering_id = tariffs.offering_id
    inner join product_identifiers
        on
            covers.identifier_kind = product_identifiers.identifier_kind
            and tariffs.agreement_id = product_identifiers.product_id

)

select
    price_version_id,
    cover_id,
    is_identifier,
    effective_from,
    effective_until,
    usage_specification_id,
    cast(dense_rank() over (
        order by usage_specification_id, characteristic, zone_list, allowed_values
    ) as integer) as condition_number,
    characteristic,
    zone_list,
    allowed_values
from conditions
