{#
    What each component's part of a bundle's fee is in proportion to. The fee is split in int_fee_charges, in whole minor units.

    Weights, standalone prices and quantities only have to be in proportion. A residual is an amount: the others get their
    standalone price for the part of the period charged, the residual component what that leaves, never less than nothing.
#}

with

fees as (

    select * from {{ ref('int_fees_exact') }}
    where bundle_offering_id is not null

),

bundles as (

    select * from {{ ref('stg_catalog__offerings') }}

),

components as (

    select * from {{ ref('stg_catalog__bundle_components') }}

),

prices as (

    select * from {{ ref('stg_catalog__prices') }}
    where price_kind = 'recurring'

),

price_tiers as (

    select * from {{ ref('stg_catalog__price_tiers') }}

),

offering_prices as (

    select * from {{ ref('int_offering_prices') }}

),

tariffs as (

    select * from {{ ref('int_tariffs') }}
    where price_override_id is null

),

usage_lines as (

    select * from {{ ref('int_usage_lines') }}
    where not is_late

),

bundle_products as (

    select distinct
        product_number,
        bundle_offering_id
    from fees

),

used_quantities as (

    select
        usage_lines.product_number,
        offering_prices.charged_offering_id,
        sum({{ ratio_round('usage_lines.quantity_units', power_of_ten('tariffs.quantity_scale'), 6) }}) as used_quantity
    from usage_lines
    inner join offering_prices on usage_lines.price_version_id = offering_prices.price_version_id
    inner join bundle_products
        on
            usage_lines.product_number = bundle_products.product_number
            and offering_prices.product_offering_id = bundle_products.bundle_offering_id
    inner join tariffs on usage_lines.price_version_id = tariffs.price_version_id
    group by usage_lines.product_number, offering_prices.charged_offering_id

),

standalone_prices as (

    select
        fees.product_number,
        fees.price_version_id,
        fees.covered_from,
        components.component_offering_id,
        coalesce(components.standalone_amount, sum(price_tiers.flat_amount), 0) as standalone_amount
    from fees
    inner join components on fees.bundle_offering_id = components.bundle_offering_id
    left join prices
        on
            components.component_offering_id = prices.offering_id
            and fees.price_currency_code = prices.currency_code
            and fees.covered_from >= prices.effective_from
            and fees.covered_from < coalesce(prices.effective_until, {{ end_of_time() }})
    left join price_tiers on prices.price_version_id = price_tiers.price_version_id
    group by
        fees.product_number,
        fees.price_version_id,
        fees.covered_from,
        components.component_offering_id,
        components.standalone_amount

),

parts as (

    select
        fees.product_number,
        fees.price_version_id,
        fees.covered_from,
        fees.amount_exact,
        components.component_offering_id,
        components.weight,
        components.takes_residual,
        case when fees.charge_kind = 'recurring' then bundles.allocation_method else 'weights' end as allocation_method,
        coalesce(used_quantities.used_quantity, 0) as used_quantity,
        standalone_prices.standalone_amount,
        standalone_prices.standalone_amount * abs(fees.period_factor) as standalone_part
    from fees
    inner join bundles on fees.bundle_offering_id = bundles.offering_id
    inner join components on fees.bundle_offering_id = components.bundle_offering_id
    inner join standalone_prices
        on
            fees.product_number = standalone_prices.product_number
            and fees.price_version_id = standalone_prices.price_version_id
            and fees.covered_from = standalone_prices.covered_from
            and components.component_offering_id = standalone_prices.component_offering_id
    left join used_quantities
        on
            fees.product_number = used_quantities.product_number
            and components.component_offering_id = used_quantities.charged_offering_id

),

with_basis as (

    select
        *,
        case
            when allocation_method = 'standalone_price' then standalone_amount
            when allocation_method = 'usage' then weight * greatest(used_quantity, 0)
            when allocation_method = 'residual' and not takes_residual then standalone_part
            when allocation_method = 'residual'
                then greatest(
                    abs(amount_exact)
                    - sum(case when takes_residual then 0 else standalone_part end) over (
                        partition by product_number, price_version_id, covered_from
                    ),
                    0
                )
            else weight
        end as basis
    from parts

)

select
    product_number,
    price_version_id,
    covered_from,
    component_offering_id,
    -- Nothing was used, or nothing has a price of its own: the weights decide.
    cast(
        case
            when sum(basis) over (partition by product_number, price_version_id, covered_from) > 0 then basis
            else weight
        end as numeric(38, 16)
    ) as part_weight
from with_basis
