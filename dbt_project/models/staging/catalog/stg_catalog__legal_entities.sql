with

legal_entities as (

    select * from {{ source('catalog', 'legal_entities') }}

),

run_inputs as (

    select * from {{ ref('stg_lane__run_inputs') }}

)

select
    legal_entities.legal_entity_id,
    legal_entities.party_id,

    legal_entities.legal_name,
    legal_entities.country_code,
    legal_entities.tax_number,
    legal_entities.currency_code,
    legal_entities.bank_account,
    legal_entities.address_lines,
    legal_entities.bill_series_prefix,

    legal_entities.is_partner
from legal_entities
inner join run_inputs on legal_entities.book_id = run_inputs.book_id
