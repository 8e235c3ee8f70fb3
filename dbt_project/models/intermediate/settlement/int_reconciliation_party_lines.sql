{{ config(materialized='table', pre_hook=rating_session(workers=0)) }}

{# Both sides of the equations from usage that tariffs of agreements cover to party lines, counted from the inbox itself (a table as
   int_reconciliation_usage). What the book has nothing of is left out; should it be missed, the two sides differ. #}

{%- set has_billed = has_rows('int_billed_events') %}
{%- set has_partners = has_rows('stg_catalog__usage_specifications', "guided_to <> 'product'") %}
{%- set has_items = has_rows('stg_catalog__agreement_tariffs', 'not is_settled') %}

with

usage_specifications as (
    select * from {{ ref('stg_catalog__usage_specifications') }}
),

asked_specifications as (
    select usage_specification_id from {{ ref('stg_catalog__agreement_tariff_covers') }}
    union
    select usage_specification_id from usage_specifications where guided_to <> 'product'
),

excluded_rows as (
    select * from {{ ref('stg_inbox__excluded_rows') }}
    where decided_in_batch_id <= (select sealed_batch_id from {{ ref('int_run_window') }})
),

-- Without tariffs of agreements no row is read.
accepted_rows as (
    select usage_rows.*
    from {{ ref('stg_inbox__usage_rows') }} as usage_rows
    where
        exists (select 1 from asked_specifications)
        and usage_rows.usage_specification_id = any(array(select usage_specification_id from asked_specifications))
        and case
            when
                usage_rows.batch_id <= (select sealed_batch_id from {{ ref('int_run_window') }})
                and usage_rows.event_at >= (select usage_from from {{ ref('int_run_window') }})
                and usage_rows.event_at < (select period_end from {{ ref('int_run_window') }})
                then true
            else false
        end
        and not exists (
            select 1
            from excluded_rows
            where
                usage_rows.file_id = excluded_rows.file_id
                and usage_rows.line_number = excluded_rows.line_number
        )
),

-- A row without a tariff matters only where usage may be a partner's alone.
guided as (
    select
        accepted_rows.event_key,
        guides.offering_id,
        guides.is_in_scope,
        guides.is_settled,
        {%- if has_items %}
        -- Usage behind a sharing item by tariff, where the customer's line is shared under terms with that item.
        guided_identifiers.is_in_scope and (rating_rules.terms_id, guides.offering_id) in (
            select terms_id, tariff_offering_id from {{ ref('stg_catalog__agreement_steps') }}
        ) as is_sold_with_item,
        {%- else %}
        false as is_sold_with_item,
        {%- endif %}
        {{ if_joined(has_partners, 'guided_identifiers.product_number', 'integer') }} as product_number,
        {{ if_joined(has_partners, 'usage_specifications.guided_to', 'text') }} as guided_to
    from accepted_rows
    inner join {{ ref('int_characteristic_groups') }} as characteristic_groups
        on accepted_rows.characteristic_set_id = characteristic_groups.characteristic_set_id
    {{ 'left' if has_partners else 'inner' }} join {{ ref('int_agreement_guides') }} as guides
        on
            characteristic_groups.characteristic_group_number = guides.characteristic_group_number
            and accepted_rows.event_at >= guides.effective_from
            and accepted_rows.event_at < guides.effective_until
    {%- if has_partners %}
    left join usage_specifications on accepted_rows.usage_specification_id = usage_specifications.usage_specification_id
    {%- endif %}
    {%- if has_partners or has_items %}
    left join {{ ref('int_guided_identifiers') }} as guided_identifiers
        on
            accepted_rows.identifier_id = guided_identifiers.identifier_id
            and accepted_rows.event_at >= guided_identifiers.effective_from
            and accepted_rows.event_at < guided_identifiers.effective_until
    {%- endif %}
    {%- if has_items %}
    left join {{ ref('int_rating_rules') }} as rating_rules
        on
            case when not guides.is_settled then guided_identifiers.class_number end = rating_rules.class_number
            and characteristic_groups.characteristic_group_number = rating_rules.characteristic_group_number
            and accepted_rows.event_at >= rating_rules.effective_from
            and accepted_rows.event_at < rating_rules.effective_until
    {%- endif %}
    -- What neither side counts is looked up no further.
    where
        guides.is_in_scope
        {%- if has_partners %}
        or accepted_rows.usage_specification_id in (select usage_specification_id from usage_specifications where guided_to <> 'product')
        {%- endif %}
),

accepted_usage as (
    select count(*) as event_count
    from guided
    {%- if has_billed %}
    left join {{ ref('int_billed_events') }} as billed_events
        on billed_events.event_key = case
            when guided.is_settled is not false then {{ natural_key(['guided.event_key', 'guided.offering_id']) }}
            else guided.event_key
        end
    {%- endif %}
    where
        (
            guided.is_in_scope and (guided.is_settled or guided.is_sold_with_item)
            {{- ' and billed_events.event_key is null' if has_billed }}
        )
        or (
            guided.offering_id is null
            and (guided.guided_to = 'agreement' or (guided.guided_to = 'either' and guided.product_number is null))
        )
),

rated_usage as (
    select count(*) as event_count
    from {{ ref('fct_rated_usage') }} as rated
    inner join (
        select distinct product_number from {{ ref('int_products_dated') }} where agreement_id is not null
    ) as products on rated.product_number = products.product_number
),

suspended_usage as (
    select count(*) as event_count
    from {{ ref('int_usage_suspended') }}
    where reason_code = 'no_agreement' or account_id like {{ agreement_account("'%'") }}
),

charges_by_currency as (
    select
        charges.currency_code,
        cast(sum(charges.amount_exact) as numeric(38, 16)) as amount_exact,
        cast(coalesce(sum(charges.amount_exact) filter (where parked.account_id is not null), 0) as numeric(38, 16)) as parked_exact,
        count(*) as charge_count
    from {{ ref('int_party_charges') }} as charges
    left join {{ ref('int_parked_accounts') }} as parked on charges.account_id = parked.account_id
    group by charges.currency_code
),

lines_by_currency as (
    select currency_code, cast(sum(amount_exact) as numeric(38, 16)) as amount_exact
    from {{ ref('fct_applied_party_billing_rates') }}
    group by currency_code
)

select
    'party_usage_is_rated_or_suspended' as check_name,
    '' as currency_code,
    cast(accepted_usage.event_count as numeric(38, 16)) as left_value,
    cast(rated_usage.event_count + suspended_usage.event_count as numeric(38, 16)) as right_value,
    accepted_usage.event_count as rows_looked_at
from accepted_usage
cross join rated_usage
cross join suspended_usage

union all

select
    'party_charges_are_lines_or_parked',
    currency_code,
    coalesce(charges_by_currency.amount_exact, 0),
    coalesce(lines_by_currency.amount_exact, 0) + coalesce(charges_by_currency.parked_exact, 0),
    coalesce(charges_by_currency.charge_count, 0)
from charges_by_currency
full join lines_by_currency using (currency_code)
