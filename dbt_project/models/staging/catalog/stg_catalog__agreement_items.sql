with

agreement_items as (

    select * from {{ source('catalog', 'agreement_items') }}

),

agreements as (

    select * from {{ ref('stg_catalog__agreements') }}

)

select
    agreement_items.agreement_version_id,
    agreement_items.item_id,
    agreement_items.receiver_party_id,

    agreement_items.item_kind,
    agreement_items.measurement_period,
    agreement_items.true_up,

    agreement_items.item_number,
    agreement_items.amount,
    agreement_items.percent,

    agreement_items.is_taken_off,
    agreement_items.is_prorated
from agreement_items
inner join agreements on agreement_items.agreement_version_id = agreements.agreement_version_id
