{{ config(materialized='table', post_hook='analyze {{ this }}') }}

{#
    What rounding left of a price's line on the bill before, for its first line on this one, in minor units of the bill's currency. Only
    of prices that carry cents. One row per account, product and price with such a rest.
#}

with

carried as (

    select * from {{ ref('int_opening_balances') }}
    where balance_kind = 'carry'

),

accounts as (

    select * from {{ ref('int_billing_accounts_in_run') }}

),

prices_that_carry as (

    select settings.price_version_id
    from {{ ref('stg_catalog__price_tariff_settings') }} as settings
    where settings.carry = 'cents'

),

first_lines as (

    select distinct on (charges.account_id, charges.product_id, charges.offering_id, charges.price_id)
        charges.account_id,
        charges.product_id,
        charges.offering_id,
        charges.price_id,
        charges.line_key
    from {{ ref('int_charges_adjusted') }} as charges
    inner join prices_that_carry on charges.price_version_id = prices_that_carry.price_version_id
    order by charges.account_id, charges.product_id, charges.offering_id, charges.price_id, charges.covered_from, charges.line_key

)

select
    first_lines.line_key,
    cast(carried.amount_billed as numeric(38, 16)) as carried_exact_minor
from carried
inner join accounts
    on
        carried.account_id = accounts.account_id
        -- What is left of one currency is not added to another.
        and carried.currency_code = accounts.currency_code
inner join first_lines
    on
        carried.account_id = first_lines.account_id
        and carried.product_id = first_lines.product_id
        and carried.offering_id = first_lines.offering_id
        and carried.price_id = first_lines.price_id
