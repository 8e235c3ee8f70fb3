{{ config(
    materialized='table',
    pre_hook=sharing_session(),
    post_hook='analyze {{ this }} (line_key, terms_id, currency_code)',
) }}

{#
    Charge lines with what sharing may take a part of, in minor units: the list price, the price before discounts, what is billed,
    what discounts that one party bears alone have taken away, and what tariffs of sharing items ask for the line's usage, by number.

    A settlement run shares posted lines once more, under terms that were known later.
#}

{% if target.schema == 'settle' %}

with

lines as (

    select * from {{ ref('int_lines_to_reshare') }}

),

borne as (

    select line_key, - cast(sum(amount_exact) as numeric(38, 16)) as discount_amount
    from {{ ref('int_borne_discounts') }}
    group by line_key

)

select
    lines.line_key,
    lines.terms_id,
    lines.account_id,
    lines.customer_party_id,
    lines.product_id,
    lines.seller_party_id,
    lines.content_provider_party_id,

    lines.currency_code,
    lines.tax_category,

    cast(lines.amount_minor as numeric(38, 16)) as line_amount,
    cast(lines.list_minor as numeric(38, 16)) as list_amount,
    cast(lines.before_discount_minor as numeric(38, 16)) as before_discount_amount,
    coalesce(borne.discount_amount, cast(0 as numeric(38, 16))) as borne_amount,
    lines.billed_quantity,
    -- Terms with such items are known when they begin.
    cast(null as text) as tariff_amounts,

    lines.covered_from,
    lines.consumed_on,
    lines.billed_on
from lines
left join borne on lines.line_key = borne.line_key

{% else %}

with

lines as (

    select * from {{ ref('fct_applied_billing_rates') }}

),

accounts as (

    select * from {{ ref('int_billing_accounts_in_run') }}

),

offerings as (

    select * from {{ ref('stg_catalog__offerings') }}

),

borne as (

    select line_key, - cast(sum(amount_exact) as numeric(38, 16)) as discount_amount
    from {{ ref('int_borne_discounts') }}
    group by line_key

),

account_windows as (

    select * from {{ ref('int_account_windows') }}

),

run as (

    select * from {{ ref('int_run') }}

),

currencies as (

    select * from {{ ref('stg_catalog__currencies') }}

),

tariff_steps as (

    select
        steps.terms_id,
        steps.tariff_number,
        steps.tariff_offering_id,
        agreements.fx_source
    from {{ ref('stg_catalog__agreement_steps') }} as steps
    inner join {{ ref('stg_catalog__agreements') }} as agreements on steps.agreement_version_id = agreements.agreement_version_id
    where steps.rule = 'tariff'

),

-- A line without usage that the tariff covers owes nothing by it.
tariff_costs as (

    select
        lines.line_key,
        tariff_steps.tariff_number,
        coalesce(sum(
            usage_costs.cost_exact * coalesce(fx_rates.fx_rate, 1) * {{ minor_units_per_major('currencies.minor_digits') }}
        ), 0) as amount
    from lines
    inner join tariff_steps on lines.terms_id = tariff_steps.terms_id
    inner join currencies on lines.currency_code = currencies.currency_code
    left join {{ ref('int_usage_costs') }} as usage_costs
        on lines.product_number = usage_costs.product_number
        and lines.price_version_id = usage_costs.price_version_id
        and lines.price_override_id is not distinct from usage_costs.price_override_id
        and lines.terms_id = usage_costs.terms_id
        and lines.is_late = usage_costs.is_late
        and tariff_steps.tariff_offering_id = usage_costs.tariff_offering_id
    -- A rate that is missing has parked the account.
    left join {{ ref('int_fx_rates_in_run') }} as fx_rates
        on tariff_steps.fx_source = fx_rates.fx_source
        and usage_costs.cost_currency_code = fx_rates.from_currency_code
        and lines.currency_code = fx_rates.to_currency_code
    group by lines.line_key, tariff_steps.tariff_number

),

tariff_amounts as (

    -- As text, because dbt's unit tests know no arrays.
    select line_key, cast(array_agg(cast(amount as numeric(38, 16)) order by tariff_number) as text) as amounts
    from tariff_costs
    group by line_key

)

select
    lines.line_key,
    lines.terms_id,
    lines.account_id,
    accounts.party_id as customer_party_id,
    lines.product_id,
    lines.seller_party_id,
    offerings.content_provider_party_id,

    lines.currency_code,
    lines.tax_category,

    cast(lines.amount_minor as numeric(38, 16)) as line_amount,
    cast(lines.list_minor as numeric(38, 16)) as list_amount,
    cast(lines.before_discount_minor as numeric(38, 16)) as before_discount_amount,
    -- Back on top of the line before it is shared, and taken from who bears it.
    coalesce(borne.discount_amount, cast(0 as numeric(38, 16))) as borne_amount,
    lines.billed_quantity,
    tariff_amounts.amounts as tariff_amounts,

    lines.covered_from,
    cast(lines.covered_from at time zone run.time_zone as date) as consumed_on,
    account_windows.period_end_date - 1 as billed_on
from lines
cross join run
inner join accounts on lines.account_id = accounts.account_id
inner join account_windows on lines.account_id = account_windows.account_id
left join borne on lines.line_key = borne.line_key
left join tariff_amounts on lines.line_key = tariff_amounts.line_key
left join offerings on lines.offering_id = offerings.offering_id

{% endif %}
