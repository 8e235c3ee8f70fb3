{{ config(materialized='table', post_hook='analyze {{ this }}') }}

{#
    Buckets: what a pool has of an allowance in one period. The period being billed has one, with what the period before left over;
    earlier periods, from which late usage draws, have what posted runs left in theirs. An allowance that rolls over has one bucket
    only: late usage draws from what has been carried on, so that nothing is handed out twice.
#}

with

pools as (

    select
        offering_id,
        allowance_id,
        pass_number,
        shared_by,
        shared_id,
        period_start,
        period_end,
        rollover_expiry,
        quantity_scale,
        max(rollover_maximum_units) as rollover_maximum_units,
        sum(granted_units) as granted_units,
        sum(granted_late_units) as granted_late_units
    from (
        select distinct on (product_number, offering_id, allowance_id) *
        from {{ ref('int_allowance_pools') }}
        order by product_number, offering_id, allowance_id, allowance_set_number
    ) as products
    group by offering_id, allowance_id, pass_number, shared_by, shared_id, period_start, period_end, rollover_expiry, quantity_scale

),

openings as (

    select * from {{ ref('int_bucket_openings') }}

),

with_rollover as (

    select
        pools.*,
        coalesce(this_period.used_units, 0) as used_before_units,
        case
            when this_period.offering_id is not null then this_period.rolled_over_units
            -- Without a period before there is no rest: the least of nothing and a maximum would be the maximum.
            when last_period.offering_id is null then 0
            else coalesce(least(
                case pools.rollover_expiry
                    -- What was carried over is used up first, so that the rest is new.
                    when 'next_period' then least(
                        last_period.granted_units + last_period.rolled_over_units - last_period.used_units, last_period.granted_units
                    )
                    when 'never' then last_period.granted_units + last_period.rolled_over_units - last_period.used_units
                end,
                pools.rollover_maximum_units
            ), 0)
        end as rolled_over_units
    from pools
    left join openings as last_period
        on
            pools.offering_id = last_period.offering_id
            and pools.allowance_id = last_period.allowance_id
            and pools.shared_id = last_period.shared_id
            and pools.period_start = last_period.period_end
    left join openings as this_period
        on
            pools.offering_id = this_period.offering_id
            and pools.allowance_id = this_period.allowance_id
            and pools.shared_id = this_period.shared_id
            and pools.period_start = this_period.period_start

),

buckets as (

    select
        offering_id, allowance_id, pass_number, shared_by, shared_id, quantity_scale,
        period_start as pool_period_start, period_end as pool_period_end, period_start, period_end,
        case when rollover_expiry is null then period_start else {{ beginning_of_time() }} end as drawn_from,
        {{ end_of_time() }} as drawn_until,
        granted_units, rolled_over_units, used_before_units
    from with_rollover

    union all

    select
        pools.offering_id, pools.allowance_id, pools.pass_number, pools.shared_by, pools.shared_id, pools.quantity_scale,
        pools.period_start, pools.period_end, openings.period_start, openings.period_end,
        openings.period_start, openings.period_end,
        openings.granted_units, openings.rolled_over_units, openings.used_units
    from pools
    inner join openings
        on
            pools.offering_id = openings.offering_id
            and pools.allowance_id = openings.allowance_id
            and pools.shared_id = openings.shared_id
            and openings.period_end <= pools.period_start
    where pools.rollover_expiry is null

    union all

    -- Earlier periods that no run has billed have one bucket together, as large as a period's.
    select
        offering_id, allowance_id, pass_number, shared_by, shared_id, quantity_scale,
        period_start, period_end, {{ beginning_of_time() }}, period_start,
        {{ beginning_of_time() }}, period_start,
        granted_late_units, 0, 0
    from pools
    where rollover_expiry is null

)

select
    cast(row_number() over (
        order by offering_id, allowance_id, shared_id, pool_period_start, pool_period_end, period_start, period_end
    ) as integer) as bucket_number,
    {{ natural_key(['offering_id', 'allowance_id', 'shared_id', instant_text('period_start'), instant_text('period_end')]) }} as bucket_key,
    buckets.*,
    cast(greatest(granted_units + rolled_over_units - used_before_units, 0) as bigint) as limit_units
from buckets
