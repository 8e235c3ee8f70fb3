{{ config(materialized='table', post_hook="analyze {{ this }}") }}

{# What is missing to share and settle the lines of a resolution. #}

with

resolutions as (

    select * from {{ ref('int_agreement_resolutions') }}

),

steps as (

    select * from {{ ref('int_resolved_steps') }}

),

parties as (

    select * from {{ ref('int_parties_in_force') }}

),

rate_problems as (

    select * from {{ ref('int_step_rate_problems') }}

),

tax_rules as (

    select * from {{ ref('int_tax_rules_in_run') }}
    where tax_id = 'vat'

),

agreements as (

    select * from {{ ref('stg_catalog__agreements') }}

),

withholding as (

    select * from {{ ref('int_withholding_in_run') }}

),

unresolved as (

    select
        resolutions.resolution_id,
        cast(null as text) as currency_code,
        'agreement_unresolved' as reason_code,
        format(
            'terms %s have %s steps that can be computed one after the other, expected 1 to {{ var("max_share_steps", 96) }} with every basis before the step that uses it',
            resolutions.terms_id, count(steps.resolution_id)
        ) as detail
    from resolutions
    left join steps on resolutions.resolution_id = steps.resolution_id
    group by resolutions.resolution_id, resolutions.terms_id
    having
        count(steps.resolution_id) not between 1 and {{ var('max_share_steps', 96) }}
        or max(steps.pass_number) > {{ var('max_share_steps', 96) }}
        or bool_or(steps.basis = 'item' and coalesce(steps.basis_pass_number >= steps.pass_number, true))
        or bool_or(steps.other_basis = 'item' and coalesce(steps.other_basis_pass_number >= steps.pass_number, true))

),

without_role as (

    select
        steps.resolution_id,
        cast(null as text) as currency_code,
        'no_role' as reason_code,
        format(
            'agreement %s, item %s: nobody is %s of %s on %s; %s',
            steps.agreement_id, steps.item_id, steps.receiver_role,
            case
                when steps.receiver_role like 'seller%' then resolutions.seller_party_id
                else coalesce(nullif(resolutions.content_provider_party_id, ''), 'the offering')
            end,
            resolutions.role_date,
            case
                when steps.receiver_role = 'content_provider' then 'name its content_provider in the book'
                else 'deliver the parent in a parties file'
            end
        ) as detail
    from steps
    inner join resolutions on steps.resolution_id = resolutions.resolution_id
    where steps.receiver_party_id is null

),

settled_steps as (

    select
        steps.*,
        receivers.party_id is not null as has_receiver,
        payers.party_id is not null as has_payer,
        receivers.country_code as supplier_country_code,
        payers.country_code as receiver_country_code,
        payers.tax_status as receiver_status,
        tax_rules.treatment
    from steps
    left join parties as receivers on steps.receiver_party_id = receivers.party_id
    left join parties as payers on steps.payer_party_id = payers.party_id
    left join tax_rules
        on receivers.country_code = tax_rules.supplier_country_code
        and payers.country_code = tax_rules.receiver_country_code
        and payers.tax_status = tax_rules.receiver_status
        and steps.tax_category = tax_rules.tax_category
    where steps.receiver_party_id is not null and not steps.is_kept

),

without_document as (

    select
        settled_steps.resolution_id,
        cast(null as text) as currency_code,
        problems.reason_code,
        format('agreement %s, item %s: %s', settled_steps.agreement_id, settled_steps.item_id, problems.detail) as detail
    from settled_steps
    cross join lateral (
        values
        (not has_receiver, 'no_party', format('receiver %s has no party record; deliver one in a parties file', receiver_party_id)),
        (not has_payer, 'no_party', format('payer %s has no party record; deliver one in a parties file', payer_party_id)),
        (
            has_receiver and has_payer and treatment is null, 'no_tax_rule',
            {{ missing_tax_rule_detail('supplier_country_code', 'receiver_country_code', 'receiver_status', 'tax_category', "'the issue date'") }}
        )
    ) as problems (is_present, reason_code, detail)
    where problems.is_present

),

without_withholding_rule as (

    select
        settled_steps.resolution_id,
        cast(null as text) as currency_code,
        'no_withholding_rule' as reason_code,
        format(
            'agreement %s, item %s: %s', settled_steps.agreement_id, settled_steps.item_id,
            {{ missing_withholding_rule_detail(
                'agreements.payment_class', 'settled_steps.receiver_country_code', 'settled_steps.supplier_country_code'
            ) }}
        ) as detail
    from settled_steps
    inner join agreements on settled_steps.agreement_version_id = agreements.agreement_version_id
    left join withholding
        on settled_steps.agreement_version_id = withholding.agreement_version_id
        and settled_steps.receiver_party_id = withholding.receiver_party_id
    where
        agreements.payment_class is not null
        and settled_steps.has_receiver
        and settled_steps.has_payer
        and withholding.agreement_version_id is null

)

select * from unresolved
union all
select * from without_role
union all
select * from without_document
union all
select * from without_withholding_rule
union all
select * from rate_problems
