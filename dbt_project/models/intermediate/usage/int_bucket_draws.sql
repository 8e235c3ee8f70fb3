{{ config(materialized='table', post_hook='analyze {{ this }}') }}

{# The buckets that usage of a product draws from, in the order of the passes, at each instant. One lookup for an event. #}

with

-- Pools below zero, so that they never meet the number of a product.
pools as (

    select
        *,
        case when common_id is null then product_number else - dense_rank() over (order by common_id) end as pool_number
    from {{ ref('int_allowance_pools') }}

),

buckets as (

    select * from {{ ref('int_buckets') }}

),

draws as (

    select
        pools.product_number,
        pools.allowance_set_number,
        pools.pool_number,
        pools.pass_number,
        pools.is_money,
        buckets.bucket_number,
        buckets.limit_units,
        buckets.drawn_from,
        buckets.drawn_until
    from pools
    inner join buckets
        on
            pools.offering_id = buckets.offering_id
            and pools.allowance_id = buckets.allowance_id
            and pools.shared_id = buckets.shared_id
            and pools.period_start = buckets.pool_period_start
            and pools.period_end = buckets.pool_period_end
    where
        pools.allowance_set_number is not null
        -- Where nobody has the allowance there is nothing to draw from, and nothing that a reversal could go back to.
        and buckets.granted_units + buckets.rolled_over_units > 0

),

boundaries as (

    select product_number, allowance_set_number, drawn_from as boundary_at from draws
    union
    select product_number, allowance_set_number, drawn_until as boundary_at from draws

),

spans as (

    select
        product_number,
        allowance_set_number,
        boundary_at as effective_from,
        lead(boundary_at) over (partition by product_number, allowance_set_number order by boundary_at) as effective_until
    from boundaries

),

-- Of the buckets of earlier periods the narrowest counts: that of a period a run has billed before the one for all others.
span_draws as (

    select distinct on (spans.product_number, spans.allowance_set_number, spans.effective_from, draws.is_money, draws.pass_number)
        spans.*,
        draws.pass_number,
        draws.is_money,
        draws.pool_number,
        draws.bucket_number,
        draws.limit_units
    from spans
    inner join draws
        on
            spans.product_number = draws.product_number
            and spans.allowance_set_number = draws.allowance_set_number
            and spans.effective_from >= draws.drawn_from
            and spans.effective_until <= draws.drawn_until
    where spans.effective_until is not null
    order by
        spans.product_number,
        spans.allowance_set_number,
        spans.effective_from,
        draws.is_money,
        draws.pass_number,
        draws.drawn_until - draws.drawn_from

)

select
    product_number,
    allowance_set_number,
    effective_from,
    effective_until,
    cast(pool_number as integer) as pool_number,
    {%- for number in range(1, 4) %}
    max(case when pass_number = {{ number }} and not is_money then bucket_number end) as bucket_{{ number }}_number,
    max(case when pass_number = {{ number }} and not is_money then limit_units end) as bucket_{{ number }}_limit_units,
    max(case when pass_number = {{ number }} and is_money then bucket_number end) as money_{{ number }}_number,
    max(case when pass_number = {{ number }} and is_money then limit_units end) as money_{{ number }}_limit_units{{ "," if not loop.last }}
    {%- endfor %}
from span_draws
group by product_number, allowance_set_number, effective_from, effective_until, pool_number
