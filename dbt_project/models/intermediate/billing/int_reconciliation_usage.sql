{{ config(materialized='table', pre_hook=rating_session(workers=0)) }}

{#
    Both sides of the equations from customers' accepted usage to charges, counted from the inbox itself and not from the rating models.
    A table, so that events are counted beside the models between charges and journal and not when these are done.

    What the book has nothing of is left out; should it be missed, the two sides differ.
#}

{%- set has_billed = has_rows('int_billed_events') %}
{%- set has_partners = has_rows('stg_catalog__usage_specifications', "guided_to = 'agreement'") %}
{%- set has_shared = has_rows('stg_catalog__usage_specifications', "guided_to = 'either'") %}

with

usage_rows as (

    select * from {{ ref('stg_inbox__usage_rows') }}
    -- One boolean, because PostgreSQL takes open bounds for a two-hundredth of the table.
    where case
        when
            batch_id <= (select sealed_batch_id from {{ ref('int_run_window') }})
            and event_at >= (select usage_from from {{ ref('int_run_window') }})
            and event_at < (select period_end from {{ ref('int_run_window') }})
            then true
        else false
    end

),

excluded_rows as (

    select * from {{ ref('stg_inbox__excluded_rows') }}
    where decided_in_batch_id <= (select sealed_batch_id from {{ ref('int_run_window') }})

),

billed_events as (

    select distinct event_key from {{ ref('int_billed_events') }}

),

guided_identifiers as (

    select * from {{ ref('int_guided_identifiers') }}
    {%- if not has_shared %}
    where not is_in_scope
    {%- endif %}

),

customer_products as (

    select distinct product_number
    from {{ ref('int_products_dated') }}
    where agreement_id is null

),

-- Added up before anything is looked up.
rated_usage as (

    select
        product_number,
        price_version_id,
        cast(count(*) as bigint) as rated_count,
        cast(sum(amount_exact) as numeric(38, 16)) as amount_exact
    from {{ ref('fct_rated_usage') }}
    group by product_number, price_version_id

),

suspended_usage as (

    select * from {{ ref('int_usage_suspended') }}
    where reason_code <> 'no_agreement' and coalesce(account_id, '') not like {{ agreement_account("'%'") }}

),

prices as (

    select * from {{ ref('stg_catalog__prices') }}

),

charges as (

    select * from {{ ref('int_charges_exact') }}
    where charge_kind = 'usage'

),

-- Usage of other bill cycles waits for their own run; usage a posted run has billed is done; usage of partners alone is counted by
-- int_reconciliation_party_lines.
accepted_usage as (

    select
        count(*) as accepted_count,
        count(*) filter (
            where
                not guided_identifiers.is_in_scope
                {%- if has_billed %}
                or billed_events.event_key is not null
                {%- endif %}
                {%- if has_partners %}
                or usage_rows.usage_specification_id in ({{ specifications_guided_to('agreement') }})
                {%- endif %}
                {%- if has_shared %}
                or (
                    guided_identifiers.identifier_id is null
                    and usage_rows.usage_specification_id in ({{ specifications_guided_to('either') }})
                )
                {%- endif %}
        ) as elsewhere_count
    from usage_rows
    {%- if has_billed %}
    left join billed_events on usage_rows.event_key = billed_events.event_key
    {%- endif %}
    left join guided_identifiers
        on usage_rows.identifier_id = guided_identifiers.identifier_id
        and usage_rows.event_at >= guided_identifiers.effective_from
        and usage_rows.event_at < guided_identifiers.effective_until
    where not exists (
        select 1
        from excluded_rows
        where
            usage_rows.file_id = excluded_rows.file_id
            and usage_rows.line_number = excluded_rows.line_number
    )

),

rated_by_price as (

    select
        price_version_id,
        rated_usage.rated_count,
        rated_usage.amount_exact
    from rated_usage
    inner join customer_products using (product_number)

    union all

    -- What unused products pay belongs to no event.
    select
        price_version_id,
        0,
        cast(sum(amount_exact) as numeric(38, 16))
    from {{ ref('int_usage_openings') }}
    inner join customer_products using (product_number)
    group by price_version_id

),

rated_by_currency as (

    select
        prices.currency_code,
        cast(sum(rated_by_price.rated_count) as bigint) as rated_count,
        cast(sum(rated_by_price.amount_exact) as numeric(38, 16)) as amount_exact
    from rated_by_price
    inner join prices on rated_by_price.price_version_id = prices.price_version_id
    group by prices.currency_code

),

charges_by_currency as (

    select
        price_currency_code as currency_code,
        cast(sum(amount_exact) as numeric(38, 16)) as amount_exact
    from charges
    group by price_currency_code

)

select
    'usage_is_rated_or_suspended' as check_name,
    '' as currency_code,
    accepted_count - elsewhere_count as left_value,
    coalesce((select sum(rated_count) from rated_by_price), 0) + (select count(*) from suspended_usage) as right_value,
    accepted_count as rows_looked_at
from accepted_usage

union all

select
    'rated_usage_is_usage_charges',
    currency_code,
    coalesce(rated_by_currency.amount_exact, 0),
    coalesce(charges_by_currency.amount_exact, 0),
    coalesce(rated_by_currency.rated_count, 0)
from rated_by_currency
full join charges_by_currency using (currency_code)
