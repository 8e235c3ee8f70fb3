{{ config(materialized='table', pre_hook=rating_session(workers=0), meta={'small_models': 15}) }}

{#
    What has to be rated, or suspended with a reason: counted from the inbox itself and not from the models that guide and rate. One row.
    Nothing that rates is waited for, so events are counted beside the models between guiding and rating.

    What the book has nothing of is left out; should it be missed, the two sides of the equations differ.
#}

{%- set has_billed = has_rows('int_billed_events') %}
{%- set has_elsewhere = has_rows('int_guided_identifiers', 'not is_in_scope') %}
{%- set has_partners = has_rows('stg_catalog__usage_specifications', "guided_to = 'agreement'") %}
{%- set has_shared = has_rows('stg_catalog__usage_specifications', "guided_to = 'either'") %}
{%- set has_items = has_rows('stg_catalog__agreement_tariffs', 'not is_settled') %}

-- Events are guided first, and counted then. depends_on: {{ ref('int_usage_guided') }}
with

run_window as (
    select * from {{ ref('int_run_window') }}
),

usage_specifications as (
    select * from {{ ref('stg_catalog__usage_specifications') }}
),

excluded_rows as (
    select * from {{ ref('stg_inbox__excluded_rows') }}
    where decided_in_batch_id <= (select sealed_batch_id from run_window)
),

billed_events as (
    select distinct event_key from {{ ref('int_billed_events') }}
),

guided_identifiers as (
    select * from {{ ref('int_guided_identifiers') }}
),

-- Tariffs of each set of characteristics in the run's window: looked up once for a set, and not for each of its events.
guides as (
    select
        characteristic_groups.characteristic_set_id,
        guides.characteristic_group_number,
        guides.offering_id,
        guides.is_in_scope,
        guides.is_settled,
        guides.effective_from,
        guides.effective_until
    from {{ ref('int_characteristic_groups') }} as characteristic_groups
    inner join {{ ref('int_agreement_guides') }} as guides
        on characteristic_groups.characteristic_group_number = guides.characteristic_group_number
    where
        guides.effective_from < (select period_end from run_window)
        and guides.effective_until > (select usage_from from run_window)
    {{ computed_once() }}
),

-- Whose usage tariffs of agreements cover, or should.
asked_sets as (
    select characteristic_set_id from guides
    where is_in_scope
    union all
    select characteristic_set_id from {{ ref('int_characteristic_groups') }}
    where guided_to <> 'product'
),

accepted_rows as not materialized (
    select * from {{ ref('stg_inbox__usage_rows') }} as usage_rows
    where
        -- One boolean, because PostgreSQL takes open bounds for a two-hundredth of the table.
        case
            when
                batch_id <= (select sealed_batch_id from run_window)
                and event_at >= (select usage_from from run_window)
                and event_at < (select period_end from run_window)
                then true
            else false
        end
        and not exists (
            select 1
            from excluded_rows
            where usage_rows.file_id = excluded_rows.file_id and usage_rows.line_number = excluded_rows.line_number
        )
),

-- Usage of other bill cycles waits for their own run; usage a posted run has billed is done; usage of partners alone is counted below.
accepted_usage as (
    select
        count(*) as accepted_count,
        count(*) filter (
            where
                {{ 'not guided_identifiers.is_in_scope' if has_elsewhere else 'false' }}
                {%- if has_billed %}
                or billed_events.event_key is not null
                {%- endif %}
                {%- if has_partners %}
                or {{ is_one_of('accepted_rows.usage_specification_id', specifications_guided_to('agreement')) }}
                {%- endif %}
                {%- if has_shared %}
                or (
                    guided_identifiers.identifier_id is null
                    and {{ is_one_of('accepted_rows.usage_specification_id', specifications_guided_to('either')) }}
                )
                {%- endif %}
        ) as elsewhere_count
    from accepted_rows
    {%- if has_billed %}
    left join billed_events on accepted_rows.event_key = billed_events.event_key
    {%- endif %}
    {%- if has_elsewhere or has_shared %}
    left join guided_identifiers
        on accepted_rows.identifier_id = guided_identifiers.identifier_id
        and accepted_rows.event_at >= guided_identifiers.effective_from
        and accepted_rows.event_at < guided_identifiers.effective_until
        {{- '' if has_shared else ' and not guided_identifiers.is_in_scope' }}
    {%- endif %}
),

-- Once for each tariff. A row without a tariff matters only where usage may be a partner's alone.
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
        {{ if_joined(has_shared, 'guided_identifiers.product_number', 'integer') }} as product_number,
        {{ if_joined(has_partners or has_shared, 'usage_specifications.guided_to', 'text') }} as guided_to
    from accepted_rows
    {{ 'left' if has_partners or has_shared else 'inner' }} join guides
        on
            accepted_rows.characteristic_set_id = guides.characteristic_set_id
            and accepted_rows.event_at >= guides.effective_from
            and accepted_rows.event_at < guides.effective_until
    {%- if has_partners or has_shared %}
    left join usage_specifications on accepted_rows.usage_specification_id = usage_specifications.usage_specification_id
    {%- endif %}
    {%- if has_shared or has_items %}
    left join guided_identifiers
        on
            accepted_rows.identifier_id = guided_identifiers.identifier_id
            and accepted_rows.event_at >= guided_identifiers.effective_from
            and accepted_rows.event_at < guided_identifiers.effective_until
    {%- endif %}
    {%- if has_items %}
    left join {{ ref('int_rating_rules') }} as rating_rules
        on
            case when not guides.is_settled then guided_identifiers.class_number end = rating_rules.class_number
            and guides.characteristic_group_number = rating_rules.characteristic_group_number
            and accepted_rows.event_at >= rating_rules.effective_from
            and accepted_rows.event_at < rating_rules.effective_until
    {%- endif %}
    where
        -- Without tariffs of agreements no row is read.
        exists (select 1 from asked_sets)
        -- What neither side counts is looked up no further.
        and {{ is_one_of_many('accepted_rows.characteristic_set_id', 'select characteristic_set_id from asked_sets') }}
        and (
            guides.is_in_scope
            {%- if has_partners or has_shared %}
            or accepted_rows.usage_specification_id in (select usage_specification_id from usage_specifications where guided_to <> 'product')
            {%- endif %}
        )
),

covered_usage as (
    select count(*) as covered_count
    from guided
    {%- if has_billed %}
    left join billed_events
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
)

select
    accepted_usage.accepted_count,
    accepted_usage.elsewhere_count,
    covered_usage.covered_count
from accepted_usage
cross join covered_usage
