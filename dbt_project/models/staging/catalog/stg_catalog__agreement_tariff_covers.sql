with

agreement_tariff_covers as (

    select * from {{ source('catalog', 'agreement_tariff_covers') }}

),

run_inputs as (

    select * from {{ ref('stg_lane__run_inputs') }}

)

select
    agreement_tariff_covers.cover_id,
    agreement_tariff_covers.offering_id,
    agreement_tariff_covers.usage_specification_id,

    agreement_tariff_covers.identified_characteristic,
    agreement_tariff_covers.identifier_kind
from agreement_tariff_covers
inner join run_inputs on agreement_tariff_covers.book_id = run_inputs.book_id
