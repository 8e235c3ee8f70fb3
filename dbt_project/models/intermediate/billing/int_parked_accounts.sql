{{ config(materialized='table', post_hook="analyze {{ this }}") }}

{# Accounts that cannot be billed in this run, with the first reason in a fixed order and everything that was found. #}

with

problems as (

    select account_id, reason_code, detail from {{ ref('int_account_problems_rating') }}
    union
    select account_id, reason_code, detail from {{ ref('int_account_problems_billing') }}
    union
    select account_id, reason_code, detail from {{ ref('int_account_problems_agreements') }}
    union
    select account_id, reason_code, detail from {{ ref('int_agreement_problems') }}

),

-- What is missing first explains what is missing after it: without a party there is no tax rule either.
reason_order as (

    select reason_code, reason_rank
    from unnest(array[
        'no_account_data', 'no_party', 'unknown_currency', 'no_legal_entity', 'no_offering', 'no_price', 'balance_clash',
        'too_many_events', 'agreement_unresolved', 'no_role', 'no_fx_rate', 'credit_currency', 'no_tax_rule', 'no_withholding_rule'
    ]) with ordinality as reasons (reason_code, reason_rank)

)

select
    problems.account_id,
    (array_agg(problems.reason_code order by reason_order.reason_rank nulls last, problems.reason_code))[1] as reason_code,
    string_agg(
        problems.reason_code || ': ' || problems.detail, '; '
        order by reason_order.reason_rank nulls last, problems.reason_code, problems.detail
    ) as detail
from problems
left join reason_order on problems.reason_code = reason_order.reason_code
group by problems.account_id
