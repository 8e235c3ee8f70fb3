{{ config(materialized='table') }}

{#
    What stops an agreement from being settled: master data, exchange rates, tax, withholding. It is parked like an account, and the
    others go on. A bill run looks at the lines of its tariffs and at its items (a guarantee needs no line); its shares were
    looked at with the lines they are of. A settlement run looks at everything that it would settle.
#}

with

run as (

    select * from {{ ref('int_run') }}

),

parties as (

    select * from {{ ref('int_parties_in_force') }}

),

fx_rates as (

    select * from {{ ref('int_fx_rates_in_run') }}

),

tax_rules as (

    select * from {{ ref('int_tax_rules_in_run') }}
    where tax_id = 'vat'

),

withholding as (

    select * from {{ ref('int_withholding_in_run') }}

),

amounts as (

    select * from {{ ref('int_agreement_amounts') }}

),

{% if target.schema == 'settle' %}
parked_before as (

    select parked.*
    from {{ source('control', 'parked_agreements') }} as parked
    inner join run
        on parked.settlement_cycle = run.settlement_cycle
        and parked.period_last_date < run.period_last_date
    where
        parked.agreement_id in (
            select agreements.agreement_id
            from {{ ref('int_agreements_settled') }} as agreements
            inner join {{ ref('stg_catalog__agreement_items') }} as agreement_items
                on agreements.agreement_version_id = agreement_items.agreement_version_id
        )

),
{% endif %}
looked_up as (

    select
        amounts.*,
        receivers.party_id is not null as has_receiver,
        payers.party_id is not null as has_payer,
        receivers.country_code as supplier_country_code,
        payers.country_code as receiver_country_code,
        payers.tax_status as receiver_status,
        tax_rules.treatment,
        amounts.currency_code = amounts.settlement_currency_code or fx_rates.fx_rate is not null as has_rate,
        amounts.payment_class is null or withholding.agreement_version_id is not null as has_withholding_rule,
        run.issue_date
    from amounts
    cross join run
    left join parties as receivers on amounts.receiver_party_id = receivers.party_id
    left join parties as payers on amounts.payer_party_id = payers.party_id
    left join tax_rules
        on receivers.country_code = tax_rules.supplier_country_code
        and payers.country_code = tax_rules.receiver_country_code
        and payers.tax_status = tax_rules.receiver_status
        and amounts.tax_category = tax_rules.tax_category
    left join fx_rates
        on amounts.fx_source = fx_rates.fx_source
        and amounts.currency_code = fx_rates.from_currency_code
        and amounts.settlement_currency_code = fx_rates.to_currency_code
    left join withholding
        on amounts.agreement_version_id = withholding.agreement_version_id
        and amounts.receiver_party_id = withholding.receiver_party_id

)

select distinct
    {{ settlement_account('looked_up.agreement_id') if target.schema == 'settle' else agreement_account('looked_up.agreement_id') }} as account_id,
    looked_up.agreement_id,
    problems.reason_code,
    format('agreement %s: %s', looked_up.agreement_id, problems.detail) as detail
from looked_up
cross join lateral (
    values
    (not has_receiver, 'no_party', format('receiver %s has no party record; deliver one in a parties file', receiver_party_id)),
    (not has_payer, 'no_party', format('payer %s has no party record; deliver one in a parties file', payer_party_id)),
    (not has_rate, 'no_fx_rate', {{ missing_rate_detail('currency_code', 'settlement_currency_code', 'fx_source', 'issue_date') }}),
    (
        has_receiver and has_payer and treatment is null, 'no_tax_rule',
        {{ missing_tax_rule_detail('supplier_country_code', 'receiver_country_code', 'receiver_status', 'tax_category', 'issue_date') }}
    ),
    (
        has_receiver and has_payer and not has_withholding_rule, 'no_withholding_rule',
        {{ missing_withholding_rule_detail('payment_class', 'receiver_country_code', 'supplier_country_code') }}
    )
) as problems (is_present, reason_code, detail)
where problems.is_present
{% if target.schema == 'settle' %}

union all

-- Its guarantees and fees are those of its periods in their order.
select
    {{ settlement_account('parked_before.agreement_id') }},
    parked_before.agreement_id,
    'parked_before',
    format(
        'agreement %s is parked in %s and its items are due period by period; settle that period first', parked_before.agreement_id,
        parked_before.period_id
    )
from parked_before
{% endif %}
