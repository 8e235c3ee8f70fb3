{{ config(materialized='table', post_hook="analyze {{ this }}") }}

{#
    The coupons of accounts in scope in the order in which they are taken, with what each has for this bill. A coupon that is used up
    has no row. A rest that is kept adds to what a coupon of several bills has anew.
#}

with

coupons as (

    select * from {{ ref('stg_inbox__coupons') }}

),

accounts as (

    select * from {{ ref('int_billing_accounts_in_run') }}

),

account_windows as (

    select * from {{ ref('int_account_windows') }}

),

uses as (

    select * from {{ ref('int_account_credit_uses') }}
    where credit_kind = 'coupon'

),

with_uses as (

    select
        coupons.*,
        accounts.currency_code as bill_currency_code,
        coalesce(uses.used_minor, 0) as used_before_minor,
        coalesce(uses.use_count, 0) as use_count,
        case coupons.lasts when 'once' then 1 when 'periods' then coupons.period_count end as most_uses,
        {{ round_to_minor('coupons.amount', 'accounts.minor_digits') }} as amount_minor,
        coupons.effective_from < account_windows.period_end
        and coalesce(coupons.effective_until, {{ end_of_time() }}) > account_windows.period_start as is_in_period
    from coupons
    inner join accounts on coupons.account_id = accounts.account_id
    inner join account_windows on coupons.account_id = account_windows.account_id
    left join uses
        on
            coupons.account_id = uses.account_id
            and coupons.coupon_id = uses.credit_id

),

with_available as (

    select
        *,
        case
            when percent is not null then null
            when rest = 'kept' then cast(amount_minor * least(use_count + 1, coalesce(most_uses, use_count + 1)) - used_before_minor as bigint)
            else amount_minor
        end as available_minor
    from with_uses
    where
        use_count < coalesce(most_uses, use_count + 1)
        or rest = 'kept'

)

select
    account_id,
    coupon_id,
    coupon_name,
    cast(row_number() over (partition by account_id order by priority, effective_from, coupon_id) as integer) as step_number,
    percent,
    available_minor,
    rest,
    borne_by,
    covered_product_ids,
    covered_offering_ids,
    covered_price_ids,
    covered_charge_kinds,
    currency_code,
    bill_currency_code,
    is_in_period,
    effective_from,
    effective_until
from with_available
where percent is not null or available_minor > 0
