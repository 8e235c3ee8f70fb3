{#
    Accepted, unsettled usage that tariffs of agreements rate. One row per event and tariff; the row's key is made from both, so that it
    is rated, posted and found again like an event of its own. Usage that should have found an agreement and did not is here
    without product_number.

    A view over per-event rows with one consumer. Only usage that a tariff may cover is read.
#}

with

usage_specifications as (

    select * from {{ ref('stg_catalog__usage_specifications') }}

),

asked_specifications as (

    select usage_specification_id from {{ ref('stg_catalog__agreement_tariff_covers') }}
    union
    select usage_specification_id from usage_specifications where guided_to <> 'product'

),

usage_rows as (

    select * from {{ ref('stg_inbox__usage_rows') }}
    where
        -- Without any of them no row is read.
        exists (select 1 from asked_specifications)
        and usage_specification_id in (select usage_specification_id from asked_specifications)
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

characteristic_groups as (

    select * from {{ ref('int_characteristic_groups') }}

),

guides as (

    select * from {{ ref('int_agreement_guides') }}

),

guided_rows as (

    select
        usage_rows.*,
        characteristic_groups.characteristic_group_number,
        guides.product_number,
        guides.class_number,
        guides.period_start,
        guides.time_zone_number,
        case
            when guides.product_number is null then usage_rows.event_key
            else {{ natural_key(['usage_rows.event_key', 'guides.offering_id']) }}
        end as row_key
    from usage_rows
    left join characteristic_groups on usage_rows.characteristic_set_id = characteristic_groups.characteristic_set_id
    left join guides
        on
            characteristic_groups.characteristic_group_number = guides.characteristic_group_number
            and usage_rows.event_at >= guides.effective_from
            and usage_rows.event_at < guides.effective_until
    left join usage_specifications on usage_rows.usage_specification_id = usage_specifications.usage_specification_id
    left join guided_identifiers
        on
            case when usage_specifications.guided_to = 'either' then usage_rows.identifier_id end = guided_identifiers.identifier_id
            and usage_rows.event_at >= guided_identifiers.effective_from
            and usage_rows.event_at < guided_identifiers.effective_until
    where
        guides.is_in_scope
        or (guides.product_number is null and usage_specifications.guided_to <> 'product' and guided_identifiers.product_number is null)

)

select guided_rows.*
from guided_rows
where
    not exists (
        select 1
        from excluded_rows
        where
            guided_rows.file_id = excluded_rows.file_id
            and guided_rows.line_number = excluded_rows.line_number
    )
    and not exists (
        select 1
        from billed_events
        where guided_rows.row_key = billed_events.event_key
    )
