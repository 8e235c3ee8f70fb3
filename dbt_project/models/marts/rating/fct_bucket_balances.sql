{{ config(post_hook='analyze {{ this }}', meta={'small_models': 6}) }}

{# What buckets hold, and what each account took out of them: read back from the rated events, so that it can be nothing else. Of money
   a part of the last decimal counts as used, of all accounts together, so that a bucket never gives more than it has. #}

with

run_window as (

    select * from {{ ref('int_run_window') }}

),

buckets as (

    select * from {{ ref('int_buckets') }}

),

pools as (

    select distinct
        account_id,
        offering_id,
        allowance_id,
        shared_id,
        period_start,
        period_end
    from {{ ref('int_allowance_pools') }}

),

products as (

    select distinct
        product_number,
        account_id
    from {{ ref('int_products_dated') }}
    where is_in_scope

),

-- One scan of the events. Those that draw nothing, from no bucket or from an empty one, fall out first: what an event draws from
-- several has one sign.
taken_by_product as materialized (

    select
        product_number,
        bucket_1_number,
        bucket_2_number,
        bucket_3_number,
        sum(allowance_units - coalesce(bucket_2_units, 0) - coalesce(bucket_3_units, 0)) as bucket_1_units,
        sum(bucket_2_units) as bucket_2_units,
        sum(bucket_3_units) as bucket_3_units
    from {{ ref('fct_rated_usage') }}
    where allowance_units <> 0 and coalesce(bucket_1_number, bucket_2_number, bucket_3_number) is not null
    group by product_number, bucket_1_number, bucket_2_number, bucket_3_number

),

taken as (

    select product_number, bucket_1_number as bucket_number, bucket_1_units as used_units from taken_by_product
    union all
    select product_number, bucket_2_number, bucket_2_units from taken_by_product
    union all
    select product_number, bucket_3_number, bucket_3_units from taken_by_product

),

-- Accounts one after the other, each to where it brings the bucket in whole units.
money_used as (

    select
        bucket_number,
        account_id,
        ceil(used_so_far_exact * {{ power_of_ten(money_allowance_scale()) }})
        - ceil((used_so_far_exact - used_exact) * {{ power_of_ten(money_allowance_scale()) }}) as used_units
    from (
        select
            money_draws.bucket_number,
            products.account_id,
            sum(money_draws.paid_exact) as used_exact,
            sum(sum(money_draws.paid_exact)) over (
                partition by money_draws.bucket_number order by products.account_id
            ) as used_so_far_exact
        from {{ ref('int_money_draws') }} as money_draws
        inner join products on money_draws.product_number = products.product_number
        group by money_draws.bucket_number, products.account_id
    ) as accounts

),

used as (

    select
        taken.bucket_number,
        products.account_id,
        sum(taken.used_units) as used_units
    from taken
    inner join products on taken.product_number = products.product_number
    where taken.bucket_number is not null
    group by taken.bucket_number, products.account_id

    union all

    select bucket_number, account_id, used_units from money_used

),

balances as (

    select
        buckets.*,
        pools.account_id,
        coalesce(used.used_units, 0) as used_units,
        sum(coalesce(used.used_units, 0)) over (partition by buckets.bucket_number) as used_by_all_units
    from buckets
    inner join pools
        on
            buckets.offering_id = pools.offering_id
            and buckets.allowance_id = pools.allowance_id
            and buckets.shared_id = pools.shared_id
            and buckets.pool_period_start = pools.period_start
            and buckets.pool_period_end = pools.period_end
    left join used on buckets.bucket_number = used.bucket_number and pools.account_id = used.account_id

)

select
    run_window.bill_run_id,
    balances.bucket_number,
    balances.bucket_key,
    balances.account_id,
    balances.offering_id,
    balances.allowance_id,
    balances.shared_by,
    balances.shared_id,
    balances.period_start,
    balances.period_end,
    balances.quantity_scale,
    cast(balances.granted_units as bigint) as granted_units,
    cast(balances.rolled_over_units as bigint) as rolled_over_units,
    cast(balances.used_before_units as bigint) as used_before_units,
    cast(balances.used_units as bigint) as used_units,
    cast(balances.limit_units - balances.used_by_all_units as bigint) as left_units
from balances
cross join run_window
-- Earlier periods only where late usage took something.
where balances.period_start = balances.pool_period_start or balances.used_by_all_units <> 0
