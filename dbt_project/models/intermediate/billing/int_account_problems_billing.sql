{# What stops an account's charges from becoming a bill: master data, currency, tax. #}

with

charges as (

    select * from {{ ref('int_charges_exact') }}

),

accounts as (

    select * from {{ ref('int_billing_accounts_in_run') }}

),

run as (

    select * from {{ ref('int_run') }}

),

charge_kinds as (

    select distinct account_id, legal_entity_id, tax_category, price_currency_code, price_version_id, offering_id, price_id
    from charges

),

legal_entities as (

    select * from {{ ref('stg_catalog__legal_entities') }}

),

fx_rates as (

    select * from {{ ref('int_fx_rates_in_run') }}

),

tax_rules as (

    select * from {{ ref('int_tax_rules_in_run') }}
    where tax_id = 'vat'

),

charges_looked_up as (

    select
        charge_kinds.*,
        accounts.party_id,
        accounts.currency_code,
        accounts.country_code,
        accounts.tax_status,
        coalesce(accounts.has_account_record, false) as has_account_record,
        coalesce(accounts.has_party_record, false) as has_party_record,
        accounts.minor_digits is not null as has_minor_digits,
        legal_entities.legal_entity_id is not null as has_legal_entity,
        legal_entities.country_code as supplier_country_code,
        legal_entities.currency_code as home_currency_code,
        charge_kinds.price_currency_code = accounts.currency_code or bill_rates.fx_rate is not null as has_bill_rate,
        accounts.currency_code = legal_entities.currency_code or home_rates.fx_rate is not null as has_home_rate,
        tax_rules.treatment is not null as has_tax_rule,
        run.fx_source,
        run.issue_date
    from charge_kinds
    cross join run
    left join accounts on charge_kinds.account_id = accounts.account_id
    left join legal_entities on charge_kinds.legal_entity_id = legal_entities.legal_entity_id
    left join fx_rates as bill_rates
        on run.fx_source = bill_rates.fx_source
        and charge_kinds.price_currency_code = bill_rates.from_currency_code
        and accounts.currency_code = bill_rates.to_currency_code
    left join fx_rates as home_rates
        on run.fx_source = home_rates.fx_source
        and accounts.currency_code = home_rates.from_currency_code
        and legal_entities.currency_code = home_rates.to_currency_code
    left join tax_rules
        on legal_entities.country_code = tax_rules.supplier_country_code
        and accounts.country_code = tax_rules.receiver_country_code
        and accounts.tax_status = tax_rules.receiver_status
        and charge_kinds.tax_category = tax_rules.tax_category

),

account_credits as (

    select account_id, 'coupon ' || coupon_id as credit, currency_code, bill_currency_code
    from {{ ref('int_coupons_in_run') }}
    where is_in_period

    union all

    select account_id, 'credit ' || credit_id, currency_code, bill_currency_code
    from {{ ref('int_credits_in_run') }}
    where is_in_period

)

select distinct
    charges_looked_up.account_id,
    problems.reason_code,
    problems.detail
from charges_looked_up
cross join lateral (
    values
    (
        not has_account_record, 'no_account_data',
        'account has charges, no account record in force on the last day of the period; deliver one in an accounts file'
    ),
    (
        has_account_record and not has_party_record, 'no_party',
        format('party %s of the account has no record on %s; deliver one in a parties file', party_id, issue_date)
    ),
    (
        has_account_record and not has_minor_digits, 'unknown_currency',
        format('account currency %s is not in catalog.currencies', currency_code)
    ),
    (not has_legal_entity, 'no_legal_entity', format('legal entity %s of offering %s is not in the book', legal_entity_id, offering_id)),
    (
        has_account_record and not has_bill_rate, 'no_fx_rate',
        {{ missing_rate_detail('price_currency_code', 'currency_code', 'fx_source', 'issue_date') }}
    ),
    (
        has_account_record and has_legal_entity and not has_home_rate, 'no_fx_rate',
        {{ missing_rate_detail('currency_code', 'home_currency_code', 'fx_source', 'issue_date') }}
    ),
    (
        has_party_record and has_legal_entity and not has_tax_rule, 'no_tax_rule',
        {{ missing_tax_rule_detail('supplier_country_code', 'country_code', 'tax_status', 'tax_category', 'issue_date') }}
    )
) as problems (is_present, reason_code, detail)
where problems.is_present

union all

select
    account_id,
    'credit_currency' as reason_code,
    format(
        '%s is in %s and the account is billed in %s; deliver it again in the currency of the account', credit, currency_code, bill_currency_code
    ) as detail
from account_credits
where currency_code <> bill_currency_code
