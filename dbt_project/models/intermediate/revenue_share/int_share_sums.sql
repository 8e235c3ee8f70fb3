{{ config(materialized='table' if target.schema == 'settle' else 'ephemeral') }}

{#
    Exact shares summed per step of the terms, receiver, currency and tax category: the one time that all shares of a run are read. A
    settlement run looks at the sums before it settles them (int_agreement_problems); a bill run only reads on.
#}

{% if target.schema == 'settle' %}

with

shares as (

    select * from {{ ref('int_settlement_shares') }}

)

select
    terms_id,
    step_number,
    hop_base_step_number,
    hop_number,
    agreement_version_id,
    agreement_id,
    item_id,
    payer_party_id,
    receiver_party_id,
    currency_code,
    tax_category,
    count(*) as line_count,
    cast(sum(amount_exact) as numeric(38, 16)) as amount_exact
from shares
group by
    terms_id, step_number, hop_base_step_number, hop_number, agreement_version_id, agreement_id, item_id, payer_party_id,
    receiver_party_id, currency_code, tax_category

{% else %}

with

party_lines as (

    select * from {{ ref('fct_applied_party_billing_rates') }}
    where is_settled

),

currencies as (

    select * from {{ ref('stg_catalog__currencies') }}

),

-- A run has millions of shares of some thousand steps: they are summed before anything is looked up, by what tells them apart. The
-- step of the terms says the rest.
sums as (

    select
        terms_id,
        step_number,
        hop_number,
        agreement_version_id,
        any_value(item_id) as item_id,
        any_value(payer_party_id) as payer_party_id,
        receiver_party_id,
        currency_code,
        tax_category,
        count(*) as line_count,
        cast(sum(amount_exact) as numeric(38, 16)) as amount_exact
    from {{ ref('fct_revenue_shares') }}
    group by terms_id, step_number, hop_number, agreement_version_id, receiver_party_id, currency_code, tax_category

    union all

    select
        cast(terms_id as integer),
        cast(step_number as integer),
        hop_number,
        agreement_version_id,
        item_id,
        payer_party_id,
        receiver_party_id,
        currency_code,
        tax_category,
        count(*),
        cast(sum(amount_exact) as numeric(38, 16))
    from ({{ party_lines_as_shares('party_lines', 'currencies') }}) as party_shares (
        bill_run_id, line_key, terms_id, step_number, hop_number, agreement_version_id, agreement_id, item_id, payer_party_id,
        receiver_party_id, currency_code, tax_category, amount_exact, covered_from
    )
    group by 1, 2, 3, 4, 5, 6, 7, 8, 9

),

steps as (

    select * from {{ ref('stg_catalog__agreement_steps') }}

),

-- Agreements with a settlement calendar of their own are settled by it; what belongs to no agreement is the operator's own.
settled_sums as (

    select
        sums.terms_id,
        sums.step_number,
        steps.hop_base_step_number,
        sums.hop_number,
        sums.agreement_version_id,
        agreements_settled.agreement_id,
        sums.item_id,
        sums.payer_party_id,
        sums.receiver_party_id,
        sums.currency_code,
        sums.tax_category,
        sums.line_count,
        sums.amount_exact
    from sums
    left join {{ ref('int_agreements_settled') }} as agreements_settled
        on sums.agreement_version_id = agreements_settled.agreement_version_id
    left join steps
        on sums.terms_id = steps.terms_id
        and sums.step_number = steps.step_number
    where sums.agreement_version_id is null or agreements_settled.agreement_version_id is not null

)

select * from settled_sums

{% endif %}
