{{ config(materialized='table', post_hook="analyze {{ this }}") }}

{#
    Discounts that one party bears alone: the discount says who, or the terms of the line's root agreement do. What the line would have
    brought is shared, and the discount is taken from that party. Negative for a discount; step numbers below 0 belong to no item.
#}

with

adjustments as (

    {% if target.schema == 'settle' -%}
    select line_adjustments.*
    from {{ source('published', 'fct_line_adjustments') }} as line_adjustments
    inner join {{ ref('int_lines_to_reshare') }} as lines
        on line_adjustments.bill_run_id = lines.source_bill_run_id
        and line_adjustments.line_key = lines.line_key
    {%- else -%}
    select * from {{ ref('fct_line_adjustments') }}
    {%- endif %}

),

lines as (

    select * from {{ ref('int_lines_to_reshare' if target.schema == 'settle' else 'fct_applied_billing_rates') }}
    where terms_id is not null

),

terms as (

    select * from {{ ref('stg_catalog__agreement_terms') }}

),

agreements as (

    select * from {{ ref('stg_catalog__agreements') }}

),

bearers as (

    select
        lines.line_key,
        terms.terms_id,
        agreements.agreement_version_id,
        agreements.agreement_id,
        agreements.payer_party_id,
        case
            when adjustments.borne_by <> 'everyone' then adjustments.borne_by
            else agreements.discounts_borne_by
        end as borne_by,
        adjustments.currency_code,
        lines.tax_category,
        cast(lines.amount_minor as numeric(38, 16)) as line_amount,
        adjustments.amount_minor
    from adjustments
    inner join lines on adjustments.line_key = lines.line_key
    inner join terms on lines.terms_id = terms.terms_id
    inner join agreements on terms.root_agreement_version_id = agreements.agreement_version_id

)

select
    line_key,
    cast(- row_number() over (partition by line_key order by receiver_party_id) as integer) as step_number,
    terms_id,
    agreement_version_id,
    agreement_id,
    payer_party_id,
    receiver_party_id,
    currency_code,
    tax_category,
    line_amount,
    amount_exact
from (
    select
        line_key,
        terms_id,
        agreement_version_id,
        agreement_id,
        payer_party_id,
        -- The root agreement's payer is the operator.
        case borne_by when 'operator' then payer_party_id else borne_by end as receiver_party_id,
        currency_code,
        tax_category,
        line_amount,
        cast(sum(amount_minor) as numeric(38, 16)) as amount_exact
    from bearers
    where borne_by <> 'everyone'
    group by 1, 2, 3, 4, 5, 6, 7, 8, 9
) as borne
