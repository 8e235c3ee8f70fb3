{{ config(materialized='table') }}

{# What stops the lines of an agreement's tariffs from being settled: master data, currency, tax. The agreement is parked like an account. #}

with

charges as (

    select * from {{ ref('int_party_charges') }}
    where is_settled

),

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

charge_kinds as (

    select distinct
        account_id,
        agreement_id,
        agreement_version_id,
        payer_party_id,
        receiver_party_id,
        currency_code,
        settlement_currency_code,
        tax_category,
        fx_source
    from charges

),

looked_up as (

    select
        charge_kinds.*,
        receivers.party_id is not null as has_receiver,
        payers.party_id is not null as has_payer,
        receivers.country_code as supplier_country_code,
        payers.country_code as receiver_country_code,
        payers.tax_status as receiver_status,
        tax_rules.treatment,
        charge_kinds.currency_code = charge_kinds.settlement_currency_code or fx_rates.fx_rate is not null as has_rate,
        run.issue_date
    from charge_kinds
    cross join run
    left join parties as receivers on charge_kinds.receiver_party_id = receivers.party_id
    left join parties as payers on charge_kinds.payer_party_id = payers.party_id
    left join tax_rules
        on receivers.country_code = tax_rules.supplier_country_code
        and payers.country_code = tax_rules.receiver_country_code
        and payers.tax_status = tax_rules.receiver_status
        and charge_kinds.tax_category = tax_rules.tax_category
    left join fx_rates
        on charge_kinds.fx_source = fx_rates.fx_source
        and charge_kinds.currency_code = fx_rates.from_currency_code
        and charge_kinds.settlement_currency_code = fx_rates.to_currency_code

)

select distinct
    looked_up.account_id,
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
    )
) as problems (is_present, reason_code, detail)
where problems.is_present
