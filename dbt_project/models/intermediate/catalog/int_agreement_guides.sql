{{ config(materialized='table', post_hook='analyze {{ this }}') }}

{#
    Which tariffs of agreements rate the usage of a group of characteristics, at each instant: those with a cover of which all
    conditions hold. Several tariffs may rate one event; one tariff rates it once, however many of its covers hold.

    Out of scope, as in int_guided_identifiers, is what another run settles. Tariffs of sharing items are in scope wherever a customer's
    line is (int_usage_of_agreements).

    Partners have no allowances, so usage under one price moves counters that nothing else moves, and each price goes into a share of
    rating of its own: wholesale traffic of one partner would else fill one share. Where a group of characteristics has several prices
    in its time, all of the tariff goes into one.
#}

with

characteristic_groups as (

    select distinct
        characteristic_group_number,
        usage_specification_id,
        satisfied_conditions
    from {{ ref('int_characteristic_groups') }}

),

covers as (

    select * from {{ ref('stg_catalog__agreement_tariff_covers') }}

),

tariffs as (

    select * from {{ ref('stg_catalog__agreement_tariffs') }}

),

conditions as (

    select * from {{ ref('int_price_conditions') }}
    where cover_id is not null

),

products as (

    select * from {{ ref('int_products_dated') }}
    where agreement_id is not null

),

account_windows as (

    select * from {{ ref('int_account_windows') }}

),

required_conditions as (

    select
        cover_id,
        array_agg(condition_number) as condition_numbers
    from conditions
    where not is_identifier
    group by cover_id

),

-- A cover that asks for an identifier holds where the group has one of the agreement's, as long as it is the agreement's.
guided as (

    select
        characteristic_groups.characteristic_group_number,
        covers.offering_id,
        identifiers.effective_from,
        identifiers.effective_until
    from covers
    inner join characteristic_groups on covers.usage_specification_id = characteristic_groups.usage_specification_id
    left join required_conditions on covers.cover_id = required_conditions.cover_id
    left join conditions as identifiers
        on
            covers.cover_id = identifiers.cover_id
            and identifiers.is_identifier
            and identifiers.condition_number = any(characteristic_groups.satisfied_conditions)
    where
        (
            required_conditions.cover_id is null
            or required_conditions.condition_numbers <@ characteristic_groups.satisfied_conditions
        )
        and (covers.identifier_kind is null or identifiers.cover_id is not null)

),

spans as (

    select
        guided.characteristic_group_number,
        products.product_number,
        products.class_number,
        products.account_id,
        products.offering_id,
        products.is_in_scope,
        unnest(range_agg(tstzrange(
            greatest(guided.effective_from, products.effective_from),
            least(guided.effective_until, products.effective_until)
        ))) as span
    from guided
    inner join products
        on
            guided.offering_id = products.offering_id
            and coalesce(guided.effective_from, {{ beginning_of_time() }}) < products.effective_until
            and coalesce(guided.effective_until, {{ end_of_time() }}) > products.effective_from
    group by
        guided.characteristic_group_number,
        products.product_number,
        products.class_number,
        products.account_id,
        products.offering_id,
        products.is_in_scope

),

group_prices as (

    select
        prices.offering_id,
        rating_rules.characteristic_group_number,
        min(prices.price_id) as price_id,
        count(distinct prices.price_id) as price_count
    from {{ ref('int_rating_rules') }} as rating_rules
    inner join {{ ref('stg_catalog__prices') }} as prices on rating_rules.price_version_id = prices.price_version_id
    inner join tariffs on prices.offering_id = tariffs.offering_id
    group by prices.offering_id, rating_rules.characteristic_group_number

),

price_places as (

    select
        *,
        case
            when max(price_count) over (partition by offering_id) = 1
                then dense_rank() over (partition by offering_id order by price_id)
            else 0
        end as place
    from group_prices

)

select
    spans.characteristic_group_number,
    spans.product_number,
    spans.class_number,
    spans.offering_id,
    spans.is_in_scope and parts.is_in_window as is_in_scope,
    tariffs.is_settled,
    account_windows.period_start,
    account_windows.time_zone_number,
    cast(2 - mod(spans.product_number + coalesce(price_places.place, 0), 2) as smallint) as share_number,
    greatest(lower(spans.span), parts.part_from) as effective_from,
    least(upper(spans.span), parts.part_until) as effective_until
from spans
inner join tariffs on spans.offering_id = tariffs.offering_id
left join account_windows on spans.account_id = account_windows.account_id
left join price_places
    on
        spans.offering_id = price_places.offering_id
        and spans.characteristic_group_number = price_places.characteristic_group_number
cross join lateral (
    values
    (
        true,
        coalesce(account_windows.usage_from, {{ beginning_of_time() }}),
        coalesce(account_windows.period_end, {{ end_of_time() }})
    ),
    (false, {{ beginning_of_time() }}, account_windows.usage_from),
    (false, account_windows.period_end, {{ end_of_time() }})
) as parts (is_in_window, part_from, part_until)
where greatest(lower(spans.span), parts.part_from) < least(upper(spans.span), parts.part_until)
    and parts.part_from is not null
    and parts.part_until is not null
