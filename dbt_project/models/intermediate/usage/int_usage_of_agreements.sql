{#
    Accepted, unsettled usage that tariffs of agreements rate. One row per event and tariff; the row's key is made from both, so that it
    is rated, posted and found again like an event of its own. Usage that should have found an agreement and did not is here
    without product_number.

    What a sharing item owes by a tariff is rated with the customer's line: usage of products in scope, sold under terms with that
    item, as late or not as the line is and on its clock.

    A view over per-event rows with one consumer. Only usage that a tariff may cover is read. Without usage guided to agreements
    in the book, a row that finds no tariff is nobody's but the customer's and falls out at once.
#}

{%- set has_billed = has_rows('int_billed_events') %}
{%- set has_partners = has_rows('stg_catalog__usage_specifications', "guided_to <> 'product'") %}
{%- set has_shared = has_rows('stg_catalog__usage_specifications', "guided_to = 'either'") %}
{%- set has_items = has_rows('stg_catalog__agreement_tariffs', 'not is_settled') %}
{%- set join_kind = 'left' if has_partners else 'inner' %}

with

usage_specifications as (
    select * from {{ ref('stg_catalog__usage_specifications') }}
),

partners_specifications as (
    select usage_specification_id from usage_specifications
    where guided_to <> 'product'
),

asked_specifications as (
    select usage_specification_id from {{ ref('stg_catalog__agreement_tariff_covers') }}
    union
    select usage_specification_id from partners_specifications
),

usage_rows as (
    select * from {{ ref('stg_inbox__usage_rows') }}
    where
        -- Without any of them no row is read.
        exists (select 1 from asked_specifications)
        and {{ is_one_of('usage_specification_id', 'select usage_specification_id from asked_specifications') }}
        and batch_id >= (select first_batch_id from {{ ref('int_run_window') }})
        and case
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
    select * from {{ ref('int_billed_events') }}
),

guided_identifiers as (
    select * from {{ ref('int_guided_identifiers') }}
),

-- By what an event has: one lookup for its group and the group's tariffs.
guides as (
    select
        characteristic_groups.characteristic_set_id,
        agreement_guides.*
    from {{ ref('int_agreement_guides') }} as agreement_guides
    inner join {{ ref('int_characteristic_groups') }} as characteristic_groups
        on agreement_guides.characteristic_group_number = characteristic_groups.characteristic_group_number
    where
        agreement_guides.effective_from < (select period_end from {{ ref('int_run_window') }})
        and agreement_guides.effective_until > (select usage_from from {{ ref('int_run_window') }})
),

rating_rules as (
    select * from {{ ref('int_rating_rules') }}
),

terms_with_tariffs as (
    select
        terms_id,
        tariff_offering_id
    from {{ ref('stg_catalog__agreement_steps') }}
    where rule = 'tariff'
),

guided_rows as (

    select
        usage_rows.*,
        guides.characteristic_group_number,
        guides.product_number,
        guides.class_number,
        guides.share_number,
        {%- if has_items %}
        case when guides.is_settled then guides.period_start else guided_identifiers.period_start end as period_start,
        case when guides.is_settled then guides.time_zone_number else guided_identifiers.time_zone_number end as time_zone_number,
        case when not guides.is_settled then usage_rows.event_key end as sold_event_key,
        {%- else %}
        guides.period_start,
        guides.time_zone_number,
        cast(null as uuid) as sold_event_key,
        {%- endif %}
        case
            when guides.product_number is null then usage_rows.event_key
            else {{ natural_key(['usage_rows.event_key', 'guides.offering_id']) }}
        end as row_key
    from usage_rows
    {{ join_kind }} join guides
        on
            usage_rows.characteristic_set_id = guides.characteristic_set_id
            and usage_rows.event_at >= guides.effective_from
            and usage_rows.event_at < guides.effective_until
    {%- if has_shared or has_items %}
    -- Usage that is nobody's but a partner's has no key here.
    left join guided_identifiers
        on
            case
                when {{ is_one_of('usage_rows.usage_specification_id', specifications_guided_to('either')) }} or not guides.is_settled
                    then usage_rows.identifier_id
            end = guided_identifiers.identifier_id
            and usage_rows.event_at >= guided_identifiers.effective_from
            and usage_rows.event_at < guided_identifiers.effective_until
    {%- endif %}
    {%- if has_items %}
    left join rating_rules
        on
            case when not guides.is_settled then guided_identifiers.class_number end = rating_rules.class_number
            and guides.characteristic_group_number = rating_rules.characteristic_group_number
            and usage_rows.event_at >= rating_rules.effective_from
            and usage_rows.event_at < rating_rules.effective_until
    {%- endif %}
    where
        -- Said first, so that usage without a tariff is looked up no further.
        (
            guides.is_in_scope
            {%- if has_partners %}
            or {{ is_one_of('usage_rows.usage_specification_id', 'select usage_specification_id from partners_specifications') }}
            {%- endif %}
        )
        and (
            guides.is_in_scope
            {%- if has_items %}
            and (
                guides.is_settled
                or (
                    guided_identifiers.is_in_scope
                    and (rating_rules.terms_id, guides.offering_id) in (select terms_id, tariff_offering_id from terms_with_tariffs)
                )
            )
            {%- endif %}
            {%- if has_partners %}
            or (
                guides.product_number is null
                and {{ is_one_of('usage_rows.usage_specification_id', 'select usage_specification_id from partners_specifications') }}
                {%- if has_shared or has_items %}
                and guided_identifiers.product_number is null
                {%- endif %}
            )
            {%- endif %}
        )

)

select guided_rows.*
from guided_rows
where
    not exists (
        select 1
        from excluded_rows
        where guided_rows.file_id = excluded_rows.file_id and guided_rows.line_number = excluded_rows.line_number
    )
    {%- if has_billed %}
    and not exists (
        select 1
        from billed_events
        -- An item goes with its line: a customer that was parked is rated again, and the item with it.
        where coalesce(guided_rows.sold_event_key, guided_rows.row_key) = billed_events.event_key
    )
    {%- endif %}
    and {{ nothing_left_out([
        (has_billed, 'int_billed_events'),
        (has_partners, 'stg_catalog__usage_specifications', "guided_to <> 'product'"),
        (has_shared, 'stg_catalog__usage_specifications', "guided_to = 'either'"),
        (has_items, 'stg_catalog__agreement_tariffs', 'not is_settled')
    ]) }}
