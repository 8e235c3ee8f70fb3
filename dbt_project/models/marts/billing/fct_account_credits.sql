{{ config(post_hook="analyze {{ this }}") }}

{# Coupons and credits of billed accounts: what each had, what the bill took, what later bills find. Read back from the lines. #}

with

run as (

    select * from {{ ref('int_run') }}

),

bills as (

    select distinct account_id from {{ ref('fct_customer_bills') }}

),

coupons_used as (

    select distinct account_id, step_number, used_minor
    from {{ ref('int_coupon_parts') }}

),

credits_used as (

    select account_id, step_number, cast(sum(part_minor) as bigint) as used_minor
    from {{ ref('int_credit_parts') }}
    group by account_id, step_number

),

coupons as (

    select
        coupons.account_id,
        'coupon' as credit_kind,
        coupons.coupon_id as credit_id,
        coupons.step_number,
        coupons.coupon_name as name,
        coupons.percent,
        coupons.effective_from,
        coupons.effective_until,
        coupons.borne_by,
        coupons.bill_currency_code as currency_code,
        coupons.available_minor,
        coalesce(coupons_used.used_minor, 0) as used_minor,
        case when coupons.rest = 'kept' then coupons.available_minor - coalesce(coupons_used.used_minor, 0) end as left_minor,
        coupons.is_in_period
    from {{ ref('int_coupons_in_run') }} as coupons
    left join coupons_used
        on
            coupons.account_id = coupons_used.account_id
            and coupons.step_number = coupons_used.step_number

),

credits as (

    select
        credits.account_id,
        'credit' as credit_kind,
        credits.credit_id,
        credits.step_number,
        credits.credit_name as name,
        cast(null as numeric(7, 4)) as percent,
        credits.effective_from,
        credits.effective_until,
        credits.borne_by,
        credits.bill_currency_code as currency_code,
        credits.available_minor,
        coalesce(credits_used.used_minor, 0) as used_minor,
        credits.available_minor - coalesce(credits_used.used_minor, 0) as left_minor,
        credits.is_in_period
    from {{ ref('int_credits_in_run') }} as credits
    left join credits_used
        on
            credits.account_id = credits_used.account_id
            and credits.step_number = credits_used.step_number

),

account_credits as (

    select * from coupons
    union all
    select * from credits

)

select
    run.bill_run_id,
    account_credits.account_id,
    account_credits.credit_kind,
    account_credits.credit_id,
    account_credits.step_number,
    account_credits.name,
    account_credits.percent,
    account_credits.effective_from,
    account_credits.effective_until,
    account_credits.borne_by,
    account_credits.currency_code,
    account_credits.available_minor,
    account_credits.used_minor,
    account_credits.left_minor
from account_credits
inner join bills on account_credits.account_id = bills.account_id
cross join run
where account_credits.is_in_period or account_credits.used_minor > 0
