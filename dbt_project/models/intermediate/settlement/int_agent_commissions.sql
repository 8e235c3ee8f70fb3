{# What the operator keeps as an agent: its commission, taken out of what it owes the principal. In the currency of the lines. #}

with

positions as (

    select * from {{ ref('fct_positions') }}

),

run as (

    select * from {{ ref('int_run') }}

),

agreements as (

    select * from {{ ref('stg_catalog__agreements') }}

)

select
    positions.position_key,
    agreements.principal_party_id,
    positions.currency_code,
    positions.amount_minor
from positions
inner join run on positions.payer_party_id = run.operator_party_id
inner join agreements on positions.agreement_version_id = agreements.agreement_version_id
where positions.is_kept and agreements.revenue_as = 'agent'
