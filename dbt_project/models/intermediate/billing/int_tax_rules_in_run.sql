{{ config(materialized='table', post_hook="analyze {{ this }}") }}

{#
    The decision table worked out: for each situation the one rule of each tax in force on the issue date. The rule of vat is what
    a supply must have; further taxes come on the same base, and all_rates_percent is what all of them take of it together.
#}

with

run as (

    select * from {{ ref('int_run') }}

),

tax_rules as (

    select * from {{ ref('stg_catalog__tax_rules') }}

),

parties as (

    select * from {{ ref('int_parties_in_force') }}

),

receivers as (

    select distinct country_code, tax_status
    from parties

),

rules_in_force as (

    select tax_rules.*
    from tax_rules
    inner join run
        on tax_rules.effective_from <= run.issue_date
        and (tax_rules.effective_until is null or run.issue_date < tax_rules.effective_until)

),

most_specific as (

    select distinct on (
        rules_in_force.supplier_country_code,
        receivers.country_code,
        receivers.tax_status,
        rules_in_force.tax_category,
        rules_in_force.tax_id
    )
        rules_in_force.supplier_country_code,
        receivers.country_code as receiver_country_code,
        receivers.tax_status as receiver_status,
        rules_in_force.tax_category,
        rules_in_force.tax_id,
        rules_in_force.treatment,
        rules_in_force.mention,
        rules_in_force.rate_percent
    from rules_in_force
    inner join receivers
        on rules_in_force.receiver_country_code in (receivers.country_code, '*')
        and rules_in_force.receiver_status in (receivers.tax_status, '*')
    order by
        rules_in_force.supplier_country_code,
        receivers.country_code,
        receivers.tax_status,
        rules_in_force.tax_category,
        rules_in_force.tax_id,
        -- The most specific rule wins: a named country before any country, then a named status before any status.
        rules_in_force.receiver_country_code = '*',
        rules_in_force.receiver_status = '*',
        rules_in_force.effective_from desc

)

select
    *,
    cast(sum(rate_percent) over (
        partition by supplier_country_code, receiver_country_code, receiver_status, tax_category
    ) as numeric(7, 4)) as all_rates_percent
from most_specific
