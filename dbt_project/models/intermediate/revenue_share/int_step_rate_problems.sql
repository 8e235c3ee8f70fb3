{# Exchange rates that sharing and settling the lines of a resolution lack. A missing rate only concerns lines in that currency. #}

with

steps as (

    select * from {{ ref('int_resolved_steps') }}

),

fx_rates as (

    select * from {{ ref('int_fx_rates_in_run') }}

),

accounts as (

    select * from {{ ref('int_billing_accounts_in_run') }}

),

account_currencies as (

    select distinct currency_code
    from accounts

),

without_rate as (

    select
        steps.resolution_id,
        account_currencies.currency_code,
        'no_fx_rate' as reason_code,
        format(
            'agreement %s: %s', steps.agreement_id,
            {{ missing_rate_detail('account_currencies.currency_code', 'steps.settlement_currency_code', 'steps.fx_source', "'the issue date'") }}
        ) as detail
    from steps
    inner join account_currencies on steps.settlement_currency_code <> account_currencies.currency_code
    left join fx_rates
        on steps.fx_source = fx_rates.fx_source
        and account_currencies.currency_code = fx_rates.from_currency_code
        and steps.settlement_currency_code = fx_rates.to_currency_code
    where steps.receiver_party_id is not null and not steps.is_kept and fx_rates.fx_rate is null

),

-- Amounts of an item in its own currency are converted into the line's, and what is measured into the item's.
without_item_rate as (

    select
        steps.resolution_id,
        account_currencies.currency_code,
        'no_fx_rate' as reason_code,
        format(
            'agreement %s, item %s: %s', steps.agreement_id, steps.item_id,
            {{ missing_rate_detail('steps.currency_code', 'account_currencies.currency_code', 'steps.fx_source', "'the issue date'") }}
        ) as detail
    from steps
    inner join account_currencies on steps.currency_code <> account_currencies.currency_code
    left join fx_rates
        on steps.fx_source = fx_rates.fx_source
        and steps.currency_code = fx_rates.from_currency_code
        and account_currencies.currency_code = fx_rates.to_currency_code
    where fx_rates.fx_rate is null

),

-- What a tariff asks for a line is converted from the currency of its prices.
without_tariff_rate as (

    select
        steps.resolution_id,
        account_currencies.currency_code,
        'no_fx_rate' as reason_code,
        format(
            'agreement %s, item %s: %s', steps.agreement_id, steps.item_id,
            {{ missing_rate_detail('prices.currency_code', 'account_currencies.currency_code', 'steps.fx_source', "'the issue date'") }}
        ) as detail
    from steps
    inner join {{ ref('stg_catalog__prices') }} as prices on steps.tariff_offering_id = prices.offering_id
    inner join account_currencies on prices.currency_code <> account_currencies.currency_code
    left join fx_rates
        on steps.fx_source = fx_rates.fx_source
        and prices.currency_code = fx_rates.from_currency_code
        and account_currencies.currency_code = fx_rates.to_currency_code
    where fx_rates.fx_rate is null

)

select distinct * from without_rate
union all
select * from without_item_rate
union all
select distinct * from without_tariff_rate
