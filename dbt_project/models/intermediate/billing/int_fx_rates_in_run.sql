{{ config(materialized='table', post_hook="analyze {{ this }}") }}

{# Every pair of currencies a source published on its last day before the issue date, crossed over the source's base. #}

with

run as (

    select * from {{ ref('int_run') }}

),

fx_rates as (

    select * from {{ ref('stg_catalog__fx_rates') }}

),

-- A source that stopped being loaded has a last day too, so a day that is too old counts as not known.
last_published_days as (

    select
        fx_rates.fx_source,
        max(fx_rates.rate_date) as fx_date
    from fx_rates
    inner join run
        on fx_rates.rate_date < run.issue_date
        and fx_rates.rate_date >= run.issue_date - {{ var('fx_rate_age_limit_days', 10) }}
    group by fx_rates.fx_source

),

rates_of_the_day as (

    select fx_rates.*
    from fx_rates
    inner join last_published_days
        on fx_rates.fx_source = last_published_days.fx_source
        and fx_rates.rate_date = last_published_days.fx_date

),

legs as (

    select fx_source, rate_date, base_currency_code, quote_currency_code as currency_code, rate
    from rates_of_the_day
    union
    select fx_source, rate_date, base_currency_code, base_currency_code, 1
    from rates_of_the_day

)

select
    legs_from.fx_source,
    legs_from.currency_code as from_currency_code,
    legs_to.currency_code as to_currency_code,
    cast({{ ratio_round('legs_to.rate', 'legs_from.rate', 10) }} as numeric(20, 10)) as fx_rate,
    legs_from.rate_date as fx_date
from legs as legs_from
inner join legs as legs_to
    on legs_from.fx_source = legs_to.fx_source
    and legs_from.base_currency_code = legs_to.base_currency_code
    and legs_from.currency_code <> legs_to.currency_code
