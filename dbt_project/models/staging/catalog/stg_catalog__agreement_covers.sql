with

agreement_covers as (

    select * from {{ source('catalog', 'agreement_covers') }}

),

agreements as (

    select * from {{ ref('stg_catalog__agreements') }}

)

select
    agreement_covers.agreement_version_id,
    agreement_covers.offering_id,
    agreement_covers.price_id,
    agreement_covers.seller_party_id
from agreement_covers
inner join agreements on agreement_covers.agreement_version_id = agreements.agreement_version_id
