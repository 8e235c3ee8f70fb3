{{ config(materialized='table', post_hook="analyze {{ this }}") }}

{# What the coupons of an account take from each line together: exact, and in whole minor units that add up to the coupons. #}

with

parts as (

    select * from {{ ref('int_coupon_parts') }}

),

used_by_step as (

    select distinct account_id, step_number, used_minor
    from parts

),

used_by_account as (

    select account_id, cast(sum(used_minor) as bigint) as used_minor
    from used_by_step
    group by account_id

),

parts_by_line as (

    select
        parts.account_id,
        parts.line_key,
        parts.line_number,
        used_by_account.used_minor,
        cast(sum(parts.part_exact_minor) as numeric(38, 16)) as coupon_exact_minor
    from parts
    inner join used_by_account on parts.account_id = used_by_account.account_id
    group by parts.account_id, parts.line_key, parts.line_number, used_by_account.used_minor

)

select
    account_id,
    line_key,
    coupon_exact_minor,
    {{ split_amount('coupon_exact_minor', 'used_minor', 'account_id', 'line_number') }} as coupon_minor
from parts_by_line
