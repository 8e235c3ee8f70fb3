{{ config(materialized='table', post_hook="analyze {{ this }}") }}

{#
    What each credit takes from each line in whole minor units: the lines that it covers in the order of the bill, each as far as
    coupons and earlier credits have left something. One walk over the credits of the few accounts that have any.
#}

with recursive

credits as (

    select * from {{ ref('int_credits_in_run') }}

),

credit_accounts as (

    select distinct account_id from credits

),

coupon_lines as (

    select * from {{ ref('int_coupon_lines') }}

),

lines as (

    select
        charges.account_id,
        charges.line_key,
        charges.line_number,
        charges.product_id,
        charges.offering_id,
        charges.bundle_offering_id,
        charges.price_id,
        charges.charge_kind,
        charges.covered_from,
        charges.covered_until,
        cast(greatest(charges.rounded_minor - coalesce(coupon_lines.coupon_minor, 0), 0) as bigint) as after_coupons_minor
    from {{ ref('int_charges_rounded') }} as charges
    inner join credit_accounts on charges.account_id = credit_accounts.account_id
    left join coupon_lines on charges.line_key = coupon_lines.line_key

),

walked as (

    select
        lines.account_id,
        lines.line_key,
        0 as step_number,
        lines.after_coupons_minor as left_minor,
        cast(0 as bigint) as part_minor
    from lines

    union all

    select
        account_id,
        line_key,
        step_number,
        cast(left_minor - part_minor as bigint) as left_minor,
        part_minor
    from (
        select
            *,
            cast(least(open_minor, greatest(available_minor - (open_until_here_minor - open_minor), 0)) as bigint) as part_minor
        from (
            select
                *,
                sum(open_minor) over (
                    partition by account_id order by line_number rows between unbounded preceding and current row
                ) as open_until_here_minor
            from (
                select
                    walked.account_id,
                    walked.line_key,
                    lines.line_number,
                    credits.step_number,
                    credits.available_minor,
                    walked.left_minor,
                    case when {{ is_covered_line('credits', 'lines') }} then walked.left_minor else 0 end as open_minor
                from walked
                inner join lines on walked.line_key = lines.line_key
                inner join credits
                    on
                        walked.account_id = credits.account_id
                        and walked.step_number + 1 = credits.step_number
            ) as covered
        ) as totalled
    ) as taken

)

select
    walked.account_id,
    walked.line_key,
    walked.step_number,
    credits.credit_id,
    credits.borne_by,
    walked.part_minor
from walked
inner join credits
    on
        walked.account_id = credits.account_id
        and walked.step_number = credits.step_number
where walked.part_minor > 0
