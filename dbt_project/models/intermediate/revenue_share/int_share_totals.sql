{{ config(materialized='table') }}

{# Exact shares of what is settled per step of the terms, receiver, currency and tax category, with the position each is of. #}

with

run as (

    select * from {{ ref('int_run') }}

),

agreements as (

    select * from {{ ref('stg_catalog__agreements') }}

),

{% if target.schema == 'settle' -%}
totals as (

<<<<<<< HEAD
    select * from {{ ref('int_share_sums') }}
    {% if target.schema == 'settle' -%}
    where {{ not_parked('agreement_id') }}
    {%- endif %}
=======
    select
        terms_id,
        step_number,
        hop_base_step_number,
        hop_number,
        agreement_version_id,
        item_id,
        payer_party_id,
        receiver_party_id,
        currency_code,
        tax_category,
        count(*) as line_count,
        cast(sum(amount_exact) as numeric(38, 16)) as amount_exact
    from {{ ref('int_settlement_shares') }}
    group by
        terms_id, step_number, hop_base_step_number, hop_number, agreement_version_id, item_id, payer_party_id,
        receiver_party_id, currency_code, tax_category
>>>>>>> a10eece (Docs of the example's interconnect and roaming)

),

{% else -%}
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
totals as (

    select
        sums.*,
        steps.hop_base_step_number
    from sums
    left join {{ ref('int_agreements_settled') }} as agreements_settled
        on sums.agreement_version_id = agreements_settled.agreement_version_id
    left join steps
        on sums.terms_id = steps.terms_id
        and sums.step_number = steps.step_number
    where sums.agreement_version_id is null or agreements_settled.agreement_version_id is not null

),

{% endif -%}
totals_with_steps as (

    select
        totals.*,
        agreements.version as agreement_version,
        run.period_id,
        run.run_sequence
    from totals
    cross join run
    left join agreements on totals.agreement_version_id = agreements.agreement_version_id

),

totals_with_keys as (

    select
        *,
        {{ natural_key([
            "'position'", 'period_id', 'run_sequence', 'hop_number', 'agreement_id', 'agreement_version', 'item_id',
            'payer_party_id', 'receiver_party_id', 'currency_code', 'tax_category'
        ]) }} as position_key
    from totals_with_steps

)

select
    totals_with_keys.position_key,
    base_totals.position_key as base_position_key,
    totals_with_keys.terms_id,
    totals_with_keys.step_number,
    totals_with_keys.hop_number,
    totals_with_keys.agreement_id,
    totals_with_keys.agreement_version_id,
    totals_with_keys.item_id,
    totals_with_keys.payer_party_id,
    totals_with_keys.receiver_party_id,
    totals_with_keys.currency_code,
    totals_with_keys.tax_category,
    totals_with_keys.line_count,
    totals_with_keys.amount_exact
from totals_with_keys
-- The item a hop shares out is the one its payer received; with roles another party may have received the same item.
left join totals_with_keys as base_totals
    on totals_with_keys.terms_id = base_totals.terms_id
    and totals_with_keys.hop_base_step_number = base_totals.step_number
    and totals_with_keys.payer_party_id = base_totals.receiver_party_id
    and totals_with_keys.currency_code = base_totals.currency_code
