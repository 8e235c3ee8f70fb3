with

agreement_tiers as (

    select * from {{ source('catalog', 'agreement_tiers') }}

),

agreements as (

    select * from {{ ref('stg_catalog__agreements') }}

)

select
    agreement_tiers.agreement_version_id,
    agreement_tiers.item_id,

    agreement_tiers.tier_number,
    agreement_tiers.from_measure,
    agreement_tiers.until_measure,
    agreement_tiers.percent,
    agreement_tiers.unit_amount
from agreement_tiers
inner join agreements on agreement_tiers.agreement_version_id = agreements.agreement_version_id
