{{ config(materialized='table', pre_hook=rating_session()) }}

{# Rated events of one product under one price version, override and agreement, added up. A share has all events of a price that a product
   has, so naming it divides no line: each share is added up by a worker of its own, and no event is handed from one to another. #}

with

rated_usage as (

    select * from {{ ref('fct_rated_usage') }}

)

select
    product_number,
    price_version_id,
    price_override_id,
    terms_id,
    is_late,
    min(event_at) as first_event_at,
    cast(count(*) as bigint) as event_count,
    cast(sum(quantity_units) as decimal(38, 0)) as quantity_units,
    cast(sum(allowance_units) as decimal(38, 0)) as allowance_units,
    cast(sum(amount_exact) as decimal(38, 16)) as amount_exact
from rated_usage
group by
    product_number,
    price_version_id,
    price_override_id,
    terms_id,
    is_late,
    share_number
