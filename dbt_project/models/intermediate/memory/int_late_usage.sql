{{ config(materialized='table', pre_hook=rating_session(workers=0), post_hook='analyze {{ this }}') }}

{# What late usage bills of each counter that is over: a late line in parts, one for each such counter. Nothing in a run without any. #}

with

late_counters as (

    select * from {{ ref('int_late_counters') }}
    where is_remembered

),

rated_usage as (

    select * from {{ ref('fct_rated_usage') }}
    where is_late

)

select
    late_counters.product_number,
    late_counters.price_version_id,
    late_counters.price_override_id,
    rated_usage.terms_id,
    late_counters.tariff_number,
    late_counters.account_id,
    late_counters.product_id,
    late_counters.offering_id,
    late_counters.price_id,
    late_counters.currency_code,
    late_counters.counter_start,
    late_counters.counter_until,
    late_counters.value,
    late_counters.quantity_scale,
    late_counters.span_number,
    late_counters.opening_units,
    min(rated_usage.event_at) as first_event_at,
    cast(sum(rated_usage.quantity_units - rated_usage.allowance_units) as numeric(38, 0)) as billed_units,
    -- A maximum is where it is whatever an allowance pays of it.
    cast(sum(
        rated_usage.quantity_units - case when late_counters.is_positioned then 0 else rated_usage.allowance_units end
    ) as numeric(38, 0)) as moved_units
from late_counters
inner join rated_usage
    on
        late_counters.product_number = rated_usage.product_number
        and late_counters.price_version_id = rated_usage.price_version_id
        and late_counters.price_override_id is not distinct from rated_usage.price_override_id
        and rated_usage.event_at >= late_counters.effective_from
        and rated_usage.event_at < late_counters.effective_until
{%- if not has_rows('int_late_counters') %}
where false
{%- endif %}
group by 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16
