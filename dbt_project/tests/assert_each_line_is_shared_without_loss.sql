{{ config(meta={
    'dagster': {'ref': {'name': 'fct_revenue_shares'}},
    'description': "On every line and hop the shares, kept part included, add up to what the hop shares out, and each line has a first hop."
}) }}

-- Guards the passes over the waterfall: a lost step on one line and a doubled one on another cancel in every total.

with

lines as (

    select * from {{ ref('fct_applied_billing_rates') }}

),

shares as (

    select * from {{ ref('fct_revenue_shares') }}

),

hops as (

    select
        line_key,
        hop_number,
        payer_party_id,
        agreement_version_id,
        min(base_exact) as base_exact,
        max(base_exact) as highest_base_exact,
        cast(sum(amount_exact) as numeric(38, 16)) as amount_exact
    from shares
    group by line_key, hop_number, payer_party_id, agreement_version_id

),

first_hops as (

    select line_key, base_exact
    from hops
    where hop_number <= 1

)

select line_key, hop_number, base_exact, amount_exact
from hops
where
    base_exact <> amount_exact
    or base_exact <> highest_base_exact
    or amount_exact = 'NaN'

union all

select lines.line_key, 1, lines.amount_minor, first_hops.base_exact
from lines
full join first_hops on lines.line_key = first_hops.line_key
where
    lines.line_key is null
    or first_hops.line_key is null
    or lines.amount_minor <> first_hops.base_exact
