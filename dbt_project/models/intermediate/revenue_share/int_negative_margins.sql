{{ config(materialized='table') }}

{#
    What costs that are owed in any case have taken beyond the revenue: on a charge the part that remains is negative. Percents never
    do that, so every row here comes from a `cost` of the agreement, and somebody should know of it.
#}

with

shares as (

    select * from {{ ref('fct_revenue_shares') }}
    where amount_exact < 0 and base_exact >= 0

),

steps as (

    select * from {{ ref('stg_catalog__agreement_steps') }}
    where rule = 'remaining'

)

select
    shares.agreement_id,
    shares.agreement_version_id,
    shares.receiver_party_id as bearer_party_id,
    shares.currency_code,
    count(*) as line_count,
    cast(sum(shares.base_exact) as numeric(38, 16)) as base_exact,
    cast(sum(shares.amount_exact) as numeric(38, 16)) as margin_exact
from shares
inner join steps
    on shares.terms_id = steps.terms_id
    and shares.step_number = steps.step_number
group by
    shares.agreement_id,
    shares.agreement_version_id,
    shares.receiver_party_id,
    shares.currency_code
