{{ config(materialized='table', post_hook='analyze {{ this }}') }}

{#
    The phases of products whose offerings have any: from when until when a product has the prices of which offering. Lengths are
    counted on the local calendar from the product's start, all from the start and not from each other, so that a month from the 31st
    comes back to the 31st. Phases with the same prices one after the other are one span, with the last end of a fixed term in it.
#}

with

phases as (

    select * from {{ ref('stg_catalog__offering_phases') }}

),

products as (

    select * from {{ ref('stg_inbox__products') }}

),

account_windows as (

    select * from {{ ref('int_account_windows') }}

),

run_window as (

    select * from {{ ref('int_run_window') }}

),

starts as (

    select distinct on (products.product_id, products.offering_id)
        products.product_id,
        products.offering_id,
        coalesce(account_windows.time_zone, run_window.time_zone) as time_zone,
        products.effective_from at time zone coalesce(account_windows.time_zone, run_window.time_zone) as starts_at_local
    from products
    cross join run_window
    left join account_windows on products.account_id = account_windows.account_id
    where products.offering_id in (select phases.offering_id from phases)
    order by products.product_id, products.offering_id, products.effective_from

),

lengths as (

    select
        *,
        case length_unit when 'month' then length_count when 'year' then length_count * 12 else 0 end as length_months,
        case length_unit when 'day' then length_count when 'week' then length_count * 7 else 0 end as length_days
    from phases

),

counted as (

    select
        *,
        cast(sum(length_months) over phases_until_here as integer) as months_until_end,
        cast(sum(length_days) over phases_until_here as integer) as days_until_end
    from lengths
    window phases_until_here as (partition by offering_id order by phase_number)

),

dated as (

    select
        starts.product_id,
        starts.offering_id,
        counted.phase_number,
        counted.phase_kind,
        counted.phase_offering_id,
        (starts.starts_at_local + make_interval(
            months => counted.months_until_end - counted.length_months, days => counted.days_until_end - counted.length_days
        )) at time zone starts.time_zone as phase_from,
        case
            when counted.length_unit is null then {{ end_of_time() }}
            else (starts.starts_at_local + make_interval(
                months => counted.months_until_end, days => counted.days_until_end
            )) at time zone starts.time_zone
        end as phase_until
    from starts
    inner join counted on starts.offering_id = counted.offering_id

),

numbered as (

    select
        *,
        -- Grows with the phases, and stays where the prices do.
        row_number() over (partition by product_id, offering_id order by phase_number)
        - row_number() over (partition by product_id, offering_id, phase_offering_id order by phase_number) as same_prices_group
    from dated

)

select
    product_id,
    offering_id,
    phase_offering_id,
    min(phase_from) as phase_from,
    max(phase_until) as phase_until,
    max(phase_until) filter (where phase_kind = 'fixed_term') as term_ends_at
from numbered
group by product_id, offering_id, phase_offering_id, same_prices_group
