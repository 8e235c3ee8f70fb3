{{ config(materialized='table', post_hook='analyze {{ this }}') }}

{# Which product an identifier stands for, as spans that do not overlap: the latest assignment at or before an instant decides,
   and only while its product is there. Products of other bill cycles are included, so that their usage is not called unknown. #}

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

-- Local days of the product in the period, for allowances that shrink with them.
product_days as (

    select
        products.product_number,
        sum(
            least(cast(products.effective_until at time zone run_window.time_zone as date), run_window.period_end_date)
            - greatest(cast(products.effective_from at time zone run_window.time_zone as date), run_window.period_start_date)
        ) as covered_days,
        max(run_window.period_end_date - run_window.period_start_date) as period_days
    from products
    cross join run_window
    where
        products.effective_from < run_window.period_end
        and products.effective_until > run_window.period_start
    group by products.product_number

)

select
    identifiers.identifier_id,
    products.product_number,
    products.class_number,
    products.is_in_scope,
    cast(coalesce(product_days.covered_days, 0) as integer) as covered_days,
    cast(coalesce(product_days.period_days, 1) as integer) as period_days,
    greatest(assignments.effective_from, products.effective_from) as effective_from,
    least(assignments.effective_until, products.effective_until) as effective_until
from assignments
inner join identifiers
    on
        assignments.identifier_kind = identifiers.identifier_kind
        and assignments.identifier = identifiers.identifier
inner join products
    on
        assignments.product_id = products.product_id
        and assignments.effective_from < products.effective_until
        and products.effective_from < assignments.effective_until
left join product_days on products.product_number = product_days.product_number
where assignments.effective_from < assignments.effective_until
