{# What bills have charged so far in the cycle of a minimum that goes on after this period. One row per account, product and price. #}

with

minimums as (

    select * from {{ ref('int_minimums_so_far') }}
    where not is_due

),

minimum_counts as (

    select * from {{ ref('stg_catalog__minimum_counts') }}

),

charges as (

    select
        charges.*,
        {{ minor_to_major(round_to_minor('charges.amount_exact', 'currencies.minor_digits'), 'currencies.minor_digits') }} as charged_exact
    from {{ ref('int_charges_adjusted') }} as charges
    inner join {{ ref('stg_catalog__currencies') }} as currencies on charges.price_currency_code = currencies.currency_code
    where charges.charge_kind <> 'minimum'

)

select
    minimums.account_id,
    minimums.product_id,
    minimums.offering_id,
    minimums.price_id,
    minimums.currency_code,
    minimums.cycle_from_date as counter_start,
    minimums.cycle_until_date as counter_until,
    cast(minimums.counted_before_exact + coalesce(sum(charges.charged_exact), 0) as numeric(38, 16)) as amount_billed
from minimums
left join charges
    on
        minimums.account_id = charges.account_id
        and minimums.product_id = charges.product_id
        and minimums.offering_id = charges.offering_id
        and minimums.currency_code = charges.price_currency_code
        and {{ counts_towards('minimums.price_version_id', 'charges.price_id') }}
group by
    minimums.account_id,
    minimums.product_id,
    minimums.offering_id,
    minimums.price_id,
    minimums.currency_code,
    minimums.cycle_from_date,
    minimums.cycle_until_date,
    minimums.counted_before_exact
