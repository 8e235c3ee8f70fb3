{# Exchange rates that sharing and settling the lines of a resolution lack. A missing rate only concerns lines in that currency. #}

with

steps as (

    select * from {{ ref('int_resolved_steps') }}

),

prices as (

    select * from {{ ref('stg_catalog__prices') }}

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

-- What a currency of the terms is converted to (the settlement's) or from (an item's own, a tariff's prices), for a line.
terms as (

    select
        resolution_id,
        agreement_id,
        null as item_id,
        fx_source,
        settlement_currency_code as currency_code,
        true as is_line_converted
    from steps
    where receiver_party_id is not null and not is_kept
    union
    select
        resolution_id,
        agreement_id,
        item_id,
        fx_source,
        currency_code,
        false
    from steps
    union
    select
        steps.resolution_id,
        steps.agreement_id,
        steps.item_id,
        steps.fx_source,
        prices.currency_code,
        false
    from steps
    inner join prices on steps.tariff_offering_id = prices.offering_id

),

conversions as (

    select
        terms.*,
        account_currencies.currency_code as line_currency_code,
        case when terms.is_line_converted then account_currencies.currency_code else terms.currency_code end as from_currency_code,
        case when terms.is_line_converted then terms.currency_code else account_currencies.currency_code end as to_currency_code
    from terms
    inner join account_currencies on terms.currency_code <> account_currencies.currency_code

)

select
    conversions.resolution_id,
    conversions.line_currency_code as currency_code,
    'no_fx_rate' as reason_code,
    format(
        'agreement %s%s: %s', conversions.agreement_id, ', item ' || conversions.item_id,
        {{ missing_rate_detail('conversions.from_currency_code', 'conversions.to_currency_code', 'conversions.fx_source', "'the issue date'") }}
    ) as detail
from conversions
left join fx_rates
    on conversions.fx_source = fx_rates.fx_source
    and conversions.from_currency_code = fx_rates.from_currency_code
    and conversions.to_currency_code = fx_rates.to_currency_code
where fx_rates.fx_rate is null
