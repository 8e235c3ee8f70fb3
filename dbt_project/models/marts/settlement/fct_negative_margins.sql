{#
    Where a partner costs more than customers pay. Nothing is refused for it; the payout waits until a person approves.

    sharing   a cost of the waterfall took more than the revenue
    tariff    usage is dearer by the tariff than what its lines bring: billed amounts without tax, after discounts
    covered   usage that an allowance covered or paid for, or that costs nothing, is dearer than the fees of the whole offering, whoever of its
              customers used it; several tariffs have a part of the fees in proportion to their costs
#}

with

run as (

    select * from {{ ref('int_run') }}

),

run_inputs as (

    select * from {{ ref('stg_lane__run_inputs') }}

),

fx_rates as (

    select fx_rates.*
    from {{ ref('int_fx_rates_in_run') }} as fx_rates
    inner join run on fx_rates.fx_source = run.fx_source
    inner join run_inputs on fx_rates.to_currency_code = run_inputs.home_currency_code

),

usage_costs as (

    select * from {{ ref('int_usage_costs') }}
    where is_settled

),

-- By an allowance of money.
paid_lines as (

    select distinct line_key
    from {{ ref('fct_line_adjustments') }}
    where kind = 'allowance'

),

-- What a customer has stands for its parts: the fee of a bundle is that of all its usage.
lines as (

    select
        lines.*,
        paid_lines.line_key is not null as is_paid_from_allowance,
        coalesce(lines.bundle_offering_id, lines.offering_id) as sold_offering_id,
        {{ minor_to_major('lines.amount_minor', 'currencies.minor_digits') }} * coalesce(fx_rates.fx_rate, 1) as home_amount
    from {{ ref('fct_applied_billing_rates') }} as lines
    inner join {{ ref('stg_catalog__currencies') }} as currencies on lines.currency_code = currencies.currency_code
    left join fx_rates on lines.currency_code = fx_rates.from_currency_code
    left join paid_lines on lines.line_key = paid_lines.line_key
    where exists (select 1 from usage_costs)

),

fees as (

    select sold_offering_id, sum(home_amount) as fees_exact
    from lines
    where charge_kind = 'recurring'
    group by sold_offering_id

),

-- A line brings its billed amount; its events have of it what they have of its rated amount.
costs_of_lines as (

    select
        usage_costs.agreement_id,
        usage_costs.tariff_id,
        lines.sold_offering_id as offering_id,
        case when usage_costs.is_covered or lines.is_paid_from_allowance then '' else lines.price_id end as price_id,
        usage_costs.is_covered or lines.is_paid_from_allowance as is_covered,
        usage_costs.event_count,
        case
            when lines.amount_exact = 0 then 0
            else {{ ratio_round(
                '(usage_costs.revenue_exact * lines.home_amount * sign(lines.amount_exact))', 'abs(lines.amount_exact)', 16
            ) }}
        end as revenue_exact,
        usage_costs.cost_exact * coalesce(fx_rates.fx_rate, 1) as cost_exact
    from usage_costs
    inner join lines
        on usage_costs.product_number = lines.product_number
        and usage_costs.price_version_id = lines.price_version_id
        and usage_costs.price_override_id is not distinct from lines.price_override_id
        and usage_costs.terms_id is not distinct from lines.terms_id
        and usage_costs.is_late = lines.is_late
        and lines.charge_kind = 'usage'
    left join fx_rates on usage_costs.cost_currency_code = fx_rates.from_currency_code

),

by_tariff as (

    select
        agreement_id,
        tariff_id,
        offering_id,
        price_id,
        is_covered,
        sum(event_count) as event_count,
        sum(revenue_exact) as revenue_exact,
        sum(cost_exact) as cost_exact
    from costs_of_lines
    group by agreement_id, tariff_id, offering_id, price_id, is_covered

),

covered_costs as (

    select offering_id, sum(cost_exact) as cost_exact
    from by_tariff
    where is_covered
    group by offering_id

),

with_fees as (

    select
        by_tariff.*,
        case
            when by_tariff.is_covered and covered_costs.cost_exact > 0
                then {{ ratio_round('coalesce(fees.fees_exact, 0) * by_tariff.cost_exact', 'covered_costs.cost_exact', 16) }}
            else 0
        end as fee_part_exact
    from by_tariff
    left join covered_costs on by_tariff.offering_id = covered_costs.offering_id
    left join fees on by_tariff.offering_id = fees.sold_offering_id

),

margins as (

    select
        'sharing' as margin_kind,
        negative_margins.agreement_id,
        cast('' as text) as item_id,
        cast('' as text) as offering_id,
        cast('' as text) as price_id,
        negative_margins.bearer_party_id,
        negative_margins.currency_code,
        negative_margins.line_count as event_count,
        {{ minor_to_major('negative_margins.base_exact', 'currencies.minor_digits') }} as revenue_exact,
        {{ minor_to_major('(negative_margins.base_exact - negative_margins.margin_exact)', 'currencies.minor_digits') }} as cost_exact
    from {{ ref('int_negative_margins') }} as negative_margins
    inner join {{ ref('stg_catalog__currencies') }} as currencies on negative_margins.currency_code = currencies.currency_code

    union all

    select
        case when with_fees.is_covered then 'covered' else 'tariff' end,
        with_fees.agreement_id,
        with_fees.tariff_id,
        with_fees.offering_id,
        with_fees.price_id,
        run.operator_party_id,
        run_inputs.home_currency_code,
        with_fees.event_count,
        with_fees.revenue_exact + with_fees.fee_part_exact,
        with_fees.cost_exact
    from with_fees
    cross join run
    cross join run_inputs
    where with_fees.cost_exact > with_fees.revenue_exact + with_fees.fee_part_exact

)

select
    run.bill_run_id,
    run.period_id,
    margins.margin_kind,
    margins.agreement_id,
    margins.item_id,
    margins.offering_id,
    margins.price_id,
    margins.bearer_party_id,
    margins.currency_code,
    cast(sum(margins.event_count) as bigint) as event_count,
    cast(sum(margins.revenue_exact) as numeric(38, 16)) as revenue_exact,
    cast(sum(margins.cost_exact) as numeric(38, 16)) as cost_exact,
    cast(sum(margins.revenue_exact - margins.cost_exact) as numeric(38, 16)) as margin_exact
from margins
cross join run
group by
    run.bill_run_id, run.period_id, margins.margin_kind, margins.agreement_id, margins.item_id, margins.offering_id,
    margins.price_id, margins.bearer_party_id, margins.currency_code
