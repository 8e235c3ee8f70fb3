with

customer_roles as (

    select * from {{ source('catalog', 'customer_roles') }}

),

run_inputs as (

    select * from {{ ref('stg_lane__run_inputs') }}

)

select
    customer_roles.offering_id,
    customer_roles.agreement_version_id,
    customer_roles.legal_entity_id,
    customer_roles.issuer_legal_entity_id,
    customer_roles.collector_legal_entity_id,
    customer_roles.brand_id,
    customer_roles.principal_party_id,

    customer_roles.revenue_as
from customer_roles
inner join run_inputs on customer_roles.book_id = run_inputs.book_id
