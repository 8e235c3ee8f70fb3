with

tax_rules as (

    select * from {{ source('catalog', 'tax_rules') }}

),

run_inputs as (

    select * from {{ ref('stg_lane__run_inputs') }}

)

select
    tax_rules.supplier_country_code,
    tax_rules.receiver_country_code,
    tax_rules.receiver_status,
    tax_rules.tax_category,
    tax_rules.tax_id,
    tax_rules.treatment,
    tax_rules.mention,

    tax_rules.rate_percent,

    tax_rules.effective_from,
    tax_rules.effective_until
from tax_rules
inner join run_inputs on tax_rules.book_id = run_inputs.book_id
