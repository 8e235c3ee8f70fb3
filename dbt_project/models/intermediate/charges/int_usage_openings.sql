{{ config(materialized='table', post_hook='analyze {{ this }}') }}

{#
    What a usage price costs besides its events, which cost T(after) - T(before): T(0) of every counter that a product has in its
    account's period, where the book charges the first flat amount of an unused product; T of what a recurring quantity had reached
    before; and what makes a cumulatively billed line the rounded cost of its whole counter, less what earlier bills charged.
#}

with

openings as (

    select * from {{ ref('int_counter_openings') }}

),

agreement_matches as (

    select * from {{ ref('int_agreement_matches') }}

),

opened as (

    select
        openings.*,
        agreement_matches.terms_id,
        currencies.minor_digits,
        {{ tariff_value('openings.opening_units', 'segments') }} as opening_exact
    from openings
    inner join {{ ref('int_tariff_segments') }} as segments
        on
            openings.tariff_number = segments.tariff_number
            and openings.opening_units > segments.from_units
            and openings.opening_units <= segments.until_units
    inner join {{ ref('stg_catalog__prices') }} as prices on openings.price_version_id = prices.price_version_id
    inner join {{ ref('stg_catalog__currencies') }} as currencies on prices.currency_code = currencies.currency_code
    inner join agreement_matches
        on
            openings.class_number = agreement_matches.class_number
            and openings.charged_offering_id = agreement_matches.charged_offering_id
            and openings.price_id = agreement_matches.price_id
            and openings.opened_at >= agreement_matches.effective_from
            and openings.opened_at < agreement_matches.effective_until

),

with_rated as (

    select
        opened.*,
        coalesce(rated.amount_exact, 0) as rated_exact
    from opened
    left join (
        select
            product_number,
            price_version_id,
            price_override_id,
            sum(amount_exact) as amount_exact
        from {{ ref('int_usage_lines') }}
        where not is_late
        group by product_number, price_version_id, price_override_id
    ) as rated
        on
            opened.product_number = rated.product_number
            and opened.price_version_id = rated.price_version_id
            and opened.price_override_id is not distinct from rated.price_override_id

),

carried as (

    select
        product_number,
        price_version_id,
        price_override_id,
        terms_id,
        billed,
        billed_exact,
        case
            when billed = 'cumulative'
                then
                    {{ minor_to_major(round_to_minor('opening_exact + rated_exact', 'minor_digits'), 'minor_digits') }}
                    - billed_exact - rated_exact
            else opening_exact
        end as amount_exact
    from with_rated
    where billed = 'cumulative' or is_recurring

)

select
    product_number,
    price_version_id,
    price_override_id,
    terms_id,
    cast(amount_exact as numeric(38, 16)) as amount_exact
from {{ ref('int_unused_counters') }}

union all

select
    product_number,
    price_version_id,
    price_override_id,
    terms_id,
    cast(amount_exact as numeric(38, 16))
from carried
-- All that was used was billed before: a line of nothing says so.
where
    amount_exact <> 0
    or (billed = 'cumulative' and billed_exact <> 0)
