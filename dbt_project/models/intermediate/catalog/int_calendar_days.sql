{{ config(materialized='table') }}

{# The local days for which a calendar is needed, on each clock in the run: only of calendars that somebody's prices ask for, and
   only days on which he can have used something. #}

with

calendars as (

    select * from {{ ref('stg_catalog__calendars') }}

),

price_time_bands as (

    select * from {{ ref('stg_catalog__price_time_bands') }}

),

offering_prices as (

    select * from {{ ref('int_offering_prices') }}

),

account_windows as (

    select * from {{ ref('int_account_windows') }}

),

products as (

    select distinct
        account_id,
        offering_id
    from {{ ref('int_products_dated') }}
    where is_in_scope

),

asked_windows as (

    select distinct
        calendars.calendar_number,
        calendars.overlap_rule,
        account_windows.time_zone_number,
        coalesce(calendars.time_zone, account_windows.time_zone) as clock,
        account_windows.usage_from,
        account_windows.period_end
    from products
    inner join account_windows on products.account_id = account_windows.account_id
    inner join offering_prices on products.offering_id = offering_prices.product_offering_id
    inner join price_time_bands on offering_prices.price_version_id = price_time_bands.price_version_id
    inner join calendars on price_time_bands.calendar_number = calendars.calendar_number

)

-- What started on the last day goes on for a while.
select distinct
    asked_windows.calendar_number,
    asked_windows.overlap_rule,
    asked_windows.time_zone_number,
    asked_windows.clock,
    cast(cast(asked_windows.usage_from at time zone asked_windows.clock as date) + days.number as date) as local_date
from asked_windows
cross join lateral generate_series(
    -1,
    cast(asked_windows.period_end at time zone asked_windows.clock as date)
    - cast(asked_windows.usage_from at time zone asked_windows.clock as date) + 8
) as days (number)
