{{ config(materialized='table', post_hook='analyze {{ this }} (line_key, account_id, price_version_id, legal_entity_id, tax_category)') }}

{# Each charge in the bill's currency, rounded here and nowhere else, with the rate of its taxes. Parked accounts are left out whole. #}

with

charges as (

    select * from {{ ref('int_charges_adjusted') }}

),

run as (

    select * from {{ ref('int_run') }}

),

accounts as (

    select * from {{ ref('int_billing_accounts_in_run') }}

),

parked_accounts as (

    select * from {{ ref('int_parked_accounts') }}

),

fx_rates as (

    select * from {{ ref('int_fx_rates_in_run') }}

),

prices as (

    select * from {{ ref('stg_catalog__prices') }}

),

line_carries as (

    select * from {{ ref('int_line_carries') }}

),

legal_entities as (

    select * from {{ ref('stg_catalog__legal_entities') }}

),

tax_rules as (

    select * from {{ ref('int_tax_rules_in_run') }}
    where tax_id = 'vat'

)

select
    run.bill_run_id,
    run.period_id,
    charges.line_key,
    charges.account_id,
    charges.product_id,
    charges.product_number,
    charges.offering_id,
    charges.bundle_offering_id,
    charges.price_id,
    charges.price_version_id,
    charges.price_override_id,
    charges.charge_kind,
    charges.service_kind,
    charges.seller_party_id,
    charges.terms_id,
    charges.tax_category,
    charges.legal_entity_id,
    charges.covered_from,
    charges.covered_until,
    charges.is_late,
    charges.event_count,
    charges.billed_quantity,
    charges.allowance_quantity,
    charges.period_factor,
    charges.price_currency_code,
    charges.amount_exact,
    fx_rates.fx_source,
    fx_rates.fx_date,
    coalesce(fx_rates.fx_rate, cast(1 as numeric(20, 10))) as fx_rate,
    accounts.currency_code,
    coalesce(prices.is_tax_inclusive, false) as is_tax_inclusive,
    coalesce(tax_rules.all_rates_percent, 0) as tax_rate_percent,
    run.tax_rounding,
    run.coupon_decimals,
    -- Fees before usage, then the order in which the book lists the prices.
    cast(row_number() over (
        partition by charges.account_id
        order by
            coalesce(charges.bundle_offering_id, charges.offering_id),
            charges.product_id,
            case charges.charge_kind when 'recurring' then 1 when 'one_time' then 2 when 'usage' then 3 else 4 end,
            coalesce(prices.sort_order, 0),
            charges.offering_id,
            charges.is_late,
            charges.covered_from,
            charges.line_key
    ) as integer) as line_number,
    cast(
        charges.amount_exact * coalesce(fx_rates.fx_rate, 1) * {{ minor_units_per_major('accounts.minor_digits') }}
        + coalesce(line_carries.carried_exact_minor, 0) as numeric(38, 16)
    ) as charge_exact_minor,
    cast(coalesce(line_carries.carried_exact_minor, 0) as numeric(38, 16)) as carried_exact_minor,
    {{ round_to_minor(
        'charges.amount_exact * coalesce(fx_rates.fx_rate, 1) + '
        ~ minor_to_major('coalesce(line_carries.carried_exact_minor, 0)', 'accounts.minor_digits'), 'accounts.minor_digits'
    ) }} as rounded_minor,
    {{ round_to_minor(
        'charges.before_discount_exact * coalesce(fx_rates.fx_rate, 1) + '
        ~ minor_to_major('coalesce(line_carries.carried_exact_minor, 0)', 'accounts.minor_digits'), 'accounts.minor_digits'
    ) }} as before_discount_minor
from charges
cross join run
inner join accounts on charges.account_id = accounts.account_id
-- Only pairs of two currencies are in this table: no row means that both are the same, all else was parked.
left join fx_rates
    on run.fx_source = fx_rates.fx_source
    and charges.price_currency_code = fx_rates.from_currency_code
    and accounts.currency_code = fx_rates.to_currency_code
left join prices on charges.price_version_id = prices.price_version_id
left join line_carries on charges.line_key = line_carries.line_key
left join legal_entities on charges.legal_entity_id = legal_entities.legal_entity_id
left join tax_rules
    on legal_entities.country_code = tax_rules.supplier_country_code
    and accounts.country_code = tax_rules.receiver_country_code
    and accounts.tax_status = tax_rules.receiver_status
    and charges.tax_category = tax_rules.tax_category
left join parked_accounts on charges.account_id = parked_accounts.account_id
where parked_accounts.account_id is null
