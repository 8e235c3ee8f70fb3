with

offerings as (

    select * from {{ source('catalog', 'offerings') }}

),

run_inputs as (

    select * from {{ ref('stg_lane__run_inputs') }}

)

select
    offerings.offering_id,
    offerings.legal_entity_id,
    offerings.content_provider_party_id,

    offerings.offering_kind,
    offerings.service_kind,
    offerings.tax_category,
    offerings.allocation_method,

    offerings.trial_days,

    offerings.effective_from,
    offerings.effective_until
from offerings
inner join run_inputs on offerings.book_id = run_inputs.book_id
-- Tariffs of agreements are price lists that nobody has as a product.
where offerings.offering_kind <> 'agreement'
