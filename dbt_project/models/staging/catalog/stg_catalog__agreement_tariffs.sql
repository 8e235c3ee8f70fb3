with

agreement_tariffs as (

    select * from {{ source('catalog', 'agreement_tariffs') }}

),

run_inputs as (

    select * from {{ ref('stg_lane__run_inputs') }}

)

select
    agreement_tariffs.offering_id,
    agreement_tariffs.agreement_id,
    agreement_tariffs.tariff_id,
    agreement_tariffs.payer_party_id,
    agreement_tariffs.receiver_party_id,

    agreement_tariffs.is_settled
from agreement_tariffs
inner join run_inputs on agreement_tariffs.book_id = run_inputs.book_id
