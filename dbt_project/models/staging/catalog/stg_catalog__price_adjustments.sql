with

price_adjustments as (

    select * from {{ source('catalog', 'price_adjustments') }}

),

prices as (

    select * from {{ ref('stg_catalog__prices') }}

)

select
    price_adjustments.price_version_id,

    price_adjustments.adjustment_id,
    price_adjustments.kind,
    price_adjustments.borne_by,

    price_adjustments.adjustment_number,
    price_adjustments.percent,
    price_adjustments.amount,
    price_adjustments.from_amount,

    price_adjustments.is_prorated,

    coalesce(price_adjustments.effective_from, {{ beginning_of_time() }}) as effective_from,
    coalesce(price_adjustments.effective_until, {{ end_of_time() }}) as effective_until
from price_adjustments
inner join prices on price_adjustments.price_version_id = prices.price_version_id
