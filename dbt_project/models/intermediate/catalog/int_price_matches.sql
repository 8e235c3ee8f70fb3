{#
    Which usage price a product of an offering pays for a group of characteristics, at each instant: all conditions hold, the
    price with the most conditions wins.
#}

with

characteristic_groups as (

    select distinct
        characteristic_group_number,
        usage_specification_id,
        satisfied_conditions
    from {{ ref('int_characteristic_groups') }}

),

offering_prices as (

    select * from {{ ref('int_offering_prices') }}
    where price_kind = 'usage'

),

required_conditions as (

    select
        price_version_id,
        array_agg(condition_number) as condition_numbers
    from {{ ref('int_price_conditions') }}
    where price_version_id is not null
    group by price_version_id

),

candidates as (

    select
        offering_prices.product_offering_id,
        characteristic_groups.characteristic_group_number,
        offering_prices.charged_offering_id,
        offering_prices.price_id,
        offering_prices.price_version_id,
        offering_prices.specificity,
        offering_prices.sort_order,
        offering_prices.effective_from,
        coalesce(offering_prices.effective_until, {{ end_of_time() }}) as effective_until
    from offering_prices
    inner join characteristic_groups on offering_prices.usage_specification_id = characteristic_groups.usage_specification_id
    left join required_conditions on offering_prices.price_version_id = required_conditions.price_version_id
    where
        required_conditions.price_version_id is null
        or required_conditions.condition_numbers <@ characteristic_groups.satisfied_conditions

),

boundaries as (

    select product_offering_id, characteristic_group_number, effective_from as boundary_at from candidates
    union
    select product_offering_id, characteristic_group_number, effective_until as boundary_at from candidates

),

spans as (

    select
        product_offering_id,
        characteristic_group_number,
        boundary_at as effective_from,
        lead(boundary_at) over (partition by product_offering_id, characteristic_group_number order by boundary_at) as effective_until
    from boundaries

)

-- Equal conditions twice are refused by the book's check; the order here only keeps a run repeatable.
select distinct on (spans.product_offering_id, spans.characteristic_group_number, spans.effective_from)
    spans.product_offering_id,
    spans.characteristic_group_number,
    candidates.charged_offering_id,
    candidates.price_id,
    candidates.price_version_id,
    spans.effective_from,
    spans.effective_until
from spans
inner join candidates
    on
        spans.product_offering_id = candidates.product_offering_id
        and spans.characteristic_group_number = candidates.characteristic_group_number
        and spans.effective_from >= candidates.effective_from
        and spans.effective_until <= candidates.effective_until
order by
    spans.product_offering_id,
    spans.characteristic_group_number,
    spans.effective_from,
    candidates.specificity desc,
    candidates.sort_order,
    candidates.charged_offering_id,
    candidates.price_id
