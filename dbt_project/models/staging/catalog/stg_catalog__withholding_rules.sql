with

withholding_rules as (

    select * from {{ source('catalog', 'withholding_rules') }}

),

run_inputs as (

    select * from {{ ref('stg_lane__run_inputs') }}

)

select
    withholding_rules.payment_class,
    withholding_rules.payer_country_code,
    withholding_rules.receiver_country_code,

    withholding_rules.rate_percent,
    withholding_rules.certificate_rate_percent,

    withholding_rules.is_rounded_to_major,

    withholding_rules.effective_from,
    withholding_rules.effective_until
from withholding_rules
inner join run_inputs on withholding_rules.book_id = run_inputs.book_id
