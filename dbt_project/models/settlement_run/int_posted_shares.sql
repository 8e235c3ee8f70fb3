{# Shares of published runs with the start of what their line is for, and what partners owe each other for usage beside them. #}

with

shares as (

    select * from {{ source('published', 'fct_revenue_shares') }}

),

lines as (

    select * from {{ source('published', 'fct_applied_billing_rates') }}

),

party_lines as (

    select * from {{ source('published', 'fct_applied_party_billing_rates') }}
    where is_settled

),

currencies as (

    select * from {{ ref('stg_catalog__currencies') }}

)

select
    shares.bill_run_id,
    shares.line_key,
    shares.terms_id,
    shares.step_number,
    shares.hop_number,
    shares.agreement_version_id,
    shares.agreement_id,
    shares.item_id,
    shares.payer_party_id,
    shares.receiver_party_id,
    shares.currency_code,
    shares.tax_category,
    shares.amount_exact,
    lines.covered_from
from shares
inner join lines
    on shares.bill_run_id = lines.bill_run_id
    and shares.line_key = lines.line_key

union all

{{ party_lines_as_shares('party_lines', 'currencies') }}
