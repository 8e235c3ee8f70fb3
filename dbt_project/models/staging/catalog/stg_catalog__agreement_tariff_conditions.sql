with

conditions as (

    select * from {{ source('catalog', 'agreement_tariff_conditions') }}

),

covers as (

    select * from {{ ref('stg_catalog__agreement_tariff_covers') }}

)

select
    conditions.cover_id,

    conditions.characteristic,
    conditions.zone_list,
    conditions.allowed_values
from conditions
inner join covers on conditions.cover_id = covers.cover_id
