{{ config(meta={
    'dagster': {'ref': {'name': 'int_rating_rules'}},
    'description': "Spans of guiding and rating rules never overlap, so an event finds at most one product, one rule and one personalised price."
}) }}

-- Guards the range joins of int_usage_guided: two overlapping spans would rate an event twice, and every sum after it would agree
-- with the wrong number.

with

spans as (

    select 'identifier ' || identifier_id as rule, effective_from, effective_until
    from {{ ref('int_guided_identifiers') }}

    union all

    select 'class ' || class_number || ' group ' || characteristic_group_number as rule, effective_from, effective_until
    from {{ ref('int_rating_rules') }}

    union all

    select 'product ' || product_number || ' price ' || price_version_id as rule, effective_from, effective_until
    from {{ ref('int_price_overrides_in_force') }}

),

with_next as (

    select
        rule,
        effective_from,
        effective_until,
        lead(effective_from) over (partition by rule order by effective_from, effective_until) as next_from
    from spans

)

select *
from with_next
where next_from < effective_until
