{{ config(materialized='table', post_hook="analyze {{ this }}") }}

{#
    What each coupon takes from each line, exact: in proportion to what earlier coupons left, at most what is left. One walk over the
    coupons of the few accounts that have any; lines below zero are left alone.
#}

with recursive

coupons as (

    select * from {{ ref('int_coupons_in_run') }}

),

coupon_accounts as (

    select distinct account_id from coupons

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
        charges.coupon_decimals,
        greatest(charges.rounded_minor, 0) as rounded_minor
    from {{ ref('int_charges_rounded') }} as charges
    inner join coupon_accounts on charges.account_id = coupon_accounts.account_id

),

walked as (

    select
        lines.account_id,
        lines.line_key,
        lines.line_number,
        0 as step_number,
        cast(lines.rounded_minor as numeric(38, 16)) as left_exact_minor,
        cast(0 as numeric(38, 16)) as part_exact_minor,
        cast(0 as bigint) as used_minor
    from lines

    union all

    select
        account_id,
        line_key,
        line_number,
        step_number,
        cast(left_exact_minor - part_exact_minor as numeric(38, 16)) as left_exact_minor,
        part_exact_minor,
        used_minor
    from (
        select
            *,
            case
                when total_exact_minor > 0 then cast(least(
                    open_exact_minor,
                    {{ ratio_round(
                        'open_exact_minor * used_minor * ' ~ power_of_ten('coupon_decimals'), 'total_exact_minor', 0
                    ) }} * {{ power_of_ten('-coupon_decimals') }}
                ) as numeric(38, 16))
                else cast(0 as numeric(38, 16))
            end as part_exact_minor
        from (
            select
                *,
                cast(least(
                    coalesce(available_minor, round(total_exact_minor * percent * 0.01)), round(total_exact_minor)
                ) as bigint) as used_minor
            from (
                select
                    covered.*,
                    sum(open_exact_minor) over (partition by account_id) as total_exact_minor
                from (
                    select
                        walked.account_id,
                        walked.line_key,
                        walked.line_number,
                        coupons.step_number,
                        walked.left_exact_minor,
                        lines.coupon_decimals,
                        coupons.percent,
                        coupons.available_minor,
                        case when {{ is_covered_line('coupons', 'lines') }} then walked.left_exact_minor else 0 end as open_exact_minor
                    from walked
                    inner join lines on walked.line_key = lines.line_key
                    inner join coupons
                        on
                            walked.account_id = coupons.account_id
                            and walked.step_number + 1 = coupons.step_number
                ) as covered
            ) as totalled
        ) as used
    ) as taken

)

select
    walked.account_id,
    walked.line_key,
    walked.line_number,
    walked.step_number,
    coupons.coupon_id,
    coupons.borne_by,
    walked.part_exact_minor,
    walked.used_minor
from walked
inner join coupons
    on
        walked.account_id = coupons.account_id
        and walked.step_number = coupons.step_number
