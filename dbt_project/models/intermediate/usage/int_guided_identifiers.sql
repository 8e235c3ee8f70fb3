{{ config(materialized='table', post_hook='analyze {{ this }}') }}

{#
    Which product an identifier stands for, as spans that do not overlap: the latest assignment at or before an instant decides,
    and only while its product is there.

    Out of scope is what another run bills: products of other bill cycles, and of an account in the run all that lies outside
    its own window. Such spans are included, so that their usage is not called unknown.
#}

with

product_identifiers as (

    select * from {{ ref('stg_inbox__product_identifiers') }}

),

identifiers as (

    select * from {{ ref('stg_inbox__identifiers') }}

),

products as (

    select * from {{ ref('int_products_dated') }}

),

run_window as (

    select * from {{ ref('int_run_window') }}

),

account_windows as (

    select * from {{ ref('int_account_windows') }}

),

account_groups as (

    select * from {{ ref('int_account_groups') }}

),

assignments as (

    select
        identifier_kind,
        identifier,
        product_id,
        effective_from,
        least(
            coalesce(effective_until, {{ end_of_time() }}),
            coalesce(
                lead(effective_from) over (partition by identifier_kind, identifier order by effective_from, product_id),
                {{ end_of_time() }}
            )
        ) as effective_until
    from product_identifiers

),

product_spans as (

    select
        identifiers.identifier_id,
        products.product_number,
        products.class_number,
        products.account_id,
        products.is_in_scope,
        greatest(assignments.effective_from, products.effective_from, run_window.usage_from) as effective_from,
        least(assignments.effective_until, products.effective_until, run_window.period_end) as effective_until
    from assignments
    cross join run_window
    inner join identifiers
        on
            assignments.identifier_kind = identifiers.identifier_kind
            and assignments.identifier = identifiers.identifier
    inner join products
        on
            assignments.product_id = products.product_id
            and assignments.effective_from < products.effective_until
            and products.effective_from < assignments.effective_until

),

-- Most accounts have the window that the run has, so that only their first row is left.
spans_by_window as (

    select
        product_spans.*,
        account_windows.period_start,
        account_windows.time_zone_number,
        parts.is_in_window,
        greatest(product_spans.effective_from, parts.part_from) as part_from,
        least(product_spans.effective_until, parts.part_until) as part_until
    from product_spans
    left join account_windows on product_spans.account_id = account_windows.account_id
    cross join lateral (
        values
        (
            true,
            coalesce(account_windows.usage_from, {{ beginning_of_time() }}),
            coalesce(account_windows.period_end, {{ end_of_time() }})
        ),
        (false, {{ beginning_of_time() }}, account_windows.usage_from),
        (false, account_windows.period_end, {{ end_of_time() }})
    ) as parts (is_in_window, part_from, part_until)
    where
        greatest(product_spans.effective_from, parts.part_from) < least(product_spans.effective_until, parts.part_until)
        and parts.part_from is not null
        and parts.part_until is not null

)

select
    spans_by_window.identifier_id,
    spans_by_window.product_number,
    spans_by_window.class_number,
    spans_by_window.is_in_scope and spans_by_window.is_in_window as is_in_scope,
    -- Events of the account before this instant are late.
    spans_by_window.period_start,
    spans_by_window.time_zone_number,
    -- Rating runs in two shares (macro rate_usage); accounts that may share an allowance are in one.
    cast(
        1 + mod(dense_rank() over (order by coalesce('group ' || account_groups.group_id, spans_by_window.account_id)), 2) as smallint
    ) as share_number,
    spans_by_window.part_from as effective_from,
    spans_by_window.part_until as effective_until
from spans_by_window
left join account_groups on spans_by_window.account_id = account_groups.account_id
