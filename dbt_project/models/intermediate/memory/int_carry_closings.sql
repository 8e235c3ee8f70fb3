{#
    What rounding has left of each price that carries cents, in minor units of the bill's currency: exact less rounded of this bill's
    lines, what the bill before left included; without a line on this bill, still that.
#}

with

charges as (

    select charges.*
    from {{ ref('int_charges_rounded') }} as charges
    inner join {{ ref('stg_catalog__price_tariff_settings') }} as settings on charges.price_version_id = settings.price_version_id
    where settings.carry = 'cents'

),

account_windows as (

    select * from {{ ref('int_account_windows') }}

),

currencies as (

    select * from {{ ref('stg_catalog__currencies') }}

),

left_now as (

    select
        charges.account_id,
        charges.product_id,
        charges.offering_id,
        charges.price_id,
        charges.currency_code,
        sum(
            charges.amount_exact * charges.fx_rate * {{ minor_units_per_major('currencies.minor_digits') }}
            + charges.carried_exact_minor - charges.rounded_minor
        ) as left_exact_minor
    from charges
    inner join currencies on charges.currency_code = currencies.currency_code
    group by charges.account_id, charges.product_id, charges.offering_id, charges.price_id, charges.currency_code

),

left_before as (

    select
        carried.account_id,
        carried.product_id,
        carried.offering_id,
        carried.price_id,
        carried.currency_code,
        carried.amount_billed
    from {{ ref('int_opening_balances') }} as carried
    left join left_now
        on
            carried.account_id = left_now.account_id
            and carried.product_id = left_now.product_id
            and carried.offering_id = left_now.offering_id
            and carried.price_id = left_now.price_id
    where
        carried.balance_kind = 'carry'
        and left_now.account_id is null

),

rests as (

    select * from left_now
    union all
    select * from left_before

)

select
    rests.account_id,
    rests.product_id,
    rests.offering_id,
    rests.price_id,
    rests.currency_code,
    account_windows.period_end_date as counter_start,
    cast(rests.left_exact_minor as numeric(38, 16)) as left_exact_minor
from rests
inner join account_windows on rests.account_id = account_windows.account_id
where rests.left_exact_minor <> 0
