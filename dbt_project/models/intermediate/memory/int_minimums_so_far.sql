{{ config(materialized='table', post_hook='analyze {{ this }}') }}

{#
    The cycle of each minimum that this bill's lines count towards, and what earlier bills charged in it: the minimum's own balance, or
    that of the counters it counts. A cycle that is due in this run takes the bill's lines; else they are kept for the one under way.
#}

with

cycles as (

    select * from {{ ref('int_fee_cycles') }}
    where price_kind = 'minimum' and bundle_offering_id is null

),

due as (

    select
        product_number,
        price_id,
        min(cycle_from_date) as cycle_from_date
    from {{ ref('int_fee_cycles_due') }}
    where price_kind = 'minimum' and bundle_offering_id is null
    group by product_number, price_id

),

opening_balances as (

    select * from {{ ref('int_opening_balances') }}

),

minimum_counts as (

    select * from {{ ref('stg_catalog__minimum_counts') }}

),

counted_cycles as (

    select distinct on (cycles.account_id, cycles.product_id, cycles.offering_id, cycles.price_id)
        cycles.account_id,
        cycles.product_id,
        cycles.offering_id,
        cycles.price_id,
        cycles.price_version_id,
        cycles.currency_code,
        cycles.cycle_from_date,
        cycles.cycle_until_date,
        due.price_id is not null as is_due
    from cycles
    left join due
        on
            cycles.product_number = due.product_number
            and cycles.price_id = due.price_id
    where
        cycles.cycle_from_date = due.cycle_from_date
        or (due.price_id is null and cycles.cycle_until_date > cycles.period_end_date)
    order by cycles.account_id, cycles.product_id, cycles.offering_id, cycles.price_id, cycles.cycle_from_date, cycles.piece_from

),

own_balances as (

    select * from opening_balances
    where balance_kind = 'minimum'

),

counter_balances as (

    select
        counted_cycles.account_id,
        counted_cycles.product_id,
        counted_cycles.offering_id,
        counted_cycles.price_id,
        sum(opening_balances.amount_billed) as amount_billed
    from counted_cycles
    inner join opening_balances
        on
            counted_cycles.account_id = opening_balances.account_id
            and counted_cycles.product_id = opening_balances.product_id
            and counted_cycles.offering_id = opening_balances.offering_id
            and counted_cycles.currency_code = opening_balances.currency_code
            and counted_cycles.cycle_from_date <= opening_balances.counter_start
    where
        opening_balances.balance_kind = 'counter'
        and {{ counts_towards('counted_cycles.price_version_id', 'opening_balances.price_id') }}
    group by counted_cycles.account_id, counted_cycles.product_id, counted_cycles.offering_id, counted_cycles.price_id

)

select
    counted_cycles.*,
    cast(coalesce(own_balances.amount_billed, counter_balances.amount_billed, 0) as numeric(38, 16)) as counted_before_exact
from counted_cycles
left join own_balances
    on
        counted_cycles.account_id = own_balances.account_id
        and counted_cycles.product_id = own_balances.product_id
        and counted_cycles.offering_id = own_balances.offering_id
        and counted_cycles.price_id = own_balances.price_id
        and counted_cycles.cycle_from_date = own_balances.counter_start
left join counter_balances
    on
        counted_cycles.account_id = counter_balances.account_id
        and counted_cycles.product_id = counter_balances.product_id
        and counted_cycles.offering_id = counter_balances.offering_id
        and counted_cycles.price_id = counter_balances.price_id
