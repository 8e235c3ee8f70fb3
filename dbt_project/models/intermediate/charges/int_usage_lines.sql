{{ config(materialized='table', pre_hook=rating_session(workers=0), meta={'small_models': 18}) }}

{# Rated events of one product under one price version, override and agreement, added up. A share has all events of a price that a product
   has, so adding up each by itself divides no line, and nothing beyond the events of one has to be told apart. #}

-- Shares become parts of one table first, which cannot be done while they are read. depends_on: {{ ref('fct_rated_usage') }}
with

first_share as (

    select * from {{ ref('int_usage_rated_1') }}

),

second_share as (

    select * from {{ ref('int_usage_rated_2') }}

)

{% for share in ('first_share', 'second_share') %}
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
from {{ share }}
group by
    product_number,
    price_version_id,
    price_override_id,
    terms_id,
    is_late
{% if not loop.last %}union all{% endif %}
{% endfor %}
