{#
    What each tier gives to a usage line: T at the end of the part less T at its start, so the parts of a line add up by
    construction. A line counts on from the lines of the same counter before it (the agreement changed within the period).
    What is not of a tier (fixed amounts, limits and rounding of single events; events that each count alone) is one part more.
#}

with

charges as (

    select * from {{ ref('int_charges_exact') }}
    where charge_kind = 'usage'

),

usage_lines as (

    select * from {{ ref('int_usage_lines') }}

),

tariffs as (

    select * from {{ ref('int_tariffs') }}

),

tiers as (

    select * from {{ ref('int_tariff_tiers') }}

),

segments as (

    select * from {{ ref('int_tariff_segments') }}

),

counters as (

    select * from {{ ref('stg_catalog__price_counters') }}

),

openings as (

    select
        product_number,
        tariff_number,
        sum(opening_units) as opening_units,
        sum(billed_exact) filter (where billed = 'cumulative') as billed_exact,
        -- What is billed as the cost of all so far, or again in each period, starts at nothing.
        bool_and(billed = 'delta' and not is_recurring) as continues
    from {{ ref('int_counter_openings') }}
    group by product_number, tariff_number

),

prices_with_bands as (

    select distinct price_version_id
    from {{ ref('stg_catalog__price_time_bands') }}

),

lines as (

    select
        charges.line_key,
        charges.product_number,
        charges.is_late,
        charges.event_count,
        charges.amount_exact,
        tariffs.tariff_number,
        tariffs.quantity_scale,
        tariffs.free_units,
        -- Bands of time have counters of their own.
        coalesce(counters.counter, 'period') <> 'event' and prices_with_bands.price_version_id is null as has_one_counter,
        prices_with_bands.price_version_id is null and charges.event_count = 1 as is_one_event,
        coalesce(usage_lines.first_event_at, charges.covered_from) as first_event_at,
        cast(coalesce(usage_lines.quantity_units - usage_lines.allowance_units, 0) as numeric) as billed_units
    from charges
    inner join tariffs
        on
            charges.price_version_id = tariffs.price_version_id
            and charges.price_override_id is not distinct from tariffs.price_override_id
    left join usage_lines
        on
            charges.product_number = usage_lines.product_number
            and charges.price_version_id = usage_lines.price_version_id
            and charges.price_override_id is not distinct from usage_lines.price_override_id
            and charges.terms_id is not distinct from usage_lines.terms_id
            and charges.is_late = usage_lines.is_late
    left join counters on charges.price_version_id = counters.price_version_id
    left join prices_with_bands on charges.price_version_id = prices_with_bands.price_version_id

),

-- Events that each count alone have tiers of their own; a line of one event is that event.
lines_in_order as (

    select
        lines.*,
        coalesce(openings.opening_units, 0) as opening_units,
        coalesce(openings.continues, true) as continues,
        sum(lines.billed_units) over (
            partition by lines.product_number, lines.tariff_number, lines.is_late
            order by lines.first_event_at, lines.line_key
            rows unbounded preceding
        ) as units_so_far
    from lines
    left join openings
        on
            lines.product_number = openings.product_number
            and lines.tariff_number = openings.tariff_number
            and not lines.is_late
    where lines.has_one_counter or lines.is_one_event

),

lines_on_counters as (

    select
        *,
        opening_units + units_so_far as until_units,
        case when continues then opening_units + units_so_far - billed_units else 0 end as from_units
    from lines_in_order

),

-- A tier that whole quantities reach is one part from the line's start to its end; other tiers hold what lies between their bounds.
tier_spans as (

    select
        lines_on_counters.*,
        tiers.tier_number,
        tiers.priced_part,
        tiers.block_units,
        tiers.block_shift_units,
        tiers.above_units + lines_on_counters.free_units as above_units,
        case
            when tiers.priced_part = 'whole' then lines_on_counters.until_units
            else least(lines_on_counters.until_units, tiers.through_units + lines_on_counters.free_units)
        end as end_units
    from lines_on_counters
    inner join tiers
        on
            lines_on_counters.tariff_number = tiers.tariff_number
            and (
                lines_on_counters.until_units > tiers.above_units + lines_on_counters.free_units
                or tiers.tier_number = 1
            )
            and (
                tiers.priced_part = 'each'
                or lines_on_counters.until_units <= tiers.through_units + lines_on_counters.free_units
            )

),

spans as (

    select
        *,
        case
            when priced_part = 'whole' and until_units > 0 then greatest(from_units, least(free_units, end_units))
            when priced_part = 'whole' then from_units
            when tier_number = 1 and until_units > 0 then least(greatest(from_units, least(above_units, end_units)), end_units)
            when tier_number = 1 then from_units
            else least(greatest(from_units, above_units), end_units)
        end as start_units
    from tier_spans

),

tier_parts as (

    select
        spans.*,
        {{ tariff_value('spans.end_units', 'end_segment') }}
        - case
            -- A counter starts with nothing; what a product without usage pays is of the first tier.
            when spans.start_units = 0 then 0
            else {{ tariff_value('spans.start_units', 'start_segment') }}
        end as part_exact
    from spans
    inner join segments as end_segment
        on
            spans.tariff_number = end_segment.tariff_number
            and spans.end_units > end_segment.from_units
            and spans.end_units <= end_segment.until_units
    inner join segments as start_segment
        on
            spans.tariff_number = start_segment.tariff_number
            and spans.start_units > start_segment.from_units
            and spans.start_units <= start_segment.until_units

),

-- What earlier bills charged for what a line prices again.
earlier_bills as (

    select
        lines.line_key,
        lines.quantity_scale,
        - openings.billed_exact as billed_exact
    from lines
    inner join openings
        on
            lines.product_number = openings.product_number
            and lines.tariff_number = openings.tariff_number
            and not lines.is_late
    where openings.billed_exact <> 0

),

tier_sums as (

    select
        line_key,
        sum(end_units - start_units) as part_units,
        sum(part_exact) as amount_exact
    from tier_parts
    group by line_key

),

parts as (

    select
        line_key,
        'tier' as part_kind,
        tier_number,
        quantity_scale,
        end_units - start_units as part_units,
        -- Where the last started block of the part ends.
        case
            when block_units is null or block_shift_units > 0 or end_units <= start_units then end_units
            else start_units + {{ ceil_div('(end_units - start_units)', 'block_units') }} * block_units
        end as charged_until_units,
        part_exact
    from tier_parts

    union all

    select
        lines.line_key,
        'events',
        null,
        lines.quantity_scale,
        case when tier_sums.line_key is null then lines.billed_units else 0 end,
        case when tier_sums.line_key is null then lines.billed_units else 0 end,
        lines.amount_exact - coalesce(tier_sums.amount_exact, 0) - coalesce(earlier_bills.billed_exact, 0)
    from lines
    left join tier_sums on lines.line_key = tier_sums.line_key
    left join earlier_bills on lines.line_key = earlier_bills.line_key
    where
        tier_sums.line_key is null
        or lines.amount_exact <> tier_sums.amount_exact + coalesce(earlier_bills.billed_exact, 0)

    union all

    select
        line_key,
        'billed_before',
        null,
        quantity_scale,
        0,
        0,
        billed_exact
    from earlier_bills

    union all

    -- Before the first tier, or beyond the last one.
    select
        lines.line_key,
        'free',
        null,
        lines.quantity_scale,
        lines.billed_units - tier_sums.part_units,
        0,
        0
    from lines
    inner join tier_sums on lines.line_key = tier_sums.line_key
    left join openings
        on
            lines.product_number = openings.product_number
            and lines.tariff_number = openings.tariff_number
            and not lines.is_late
    where lines.billed_units <> tier_sums.part_units and coalesce(openings.continues, true)

)

select
    line_key,
    cast(row_number() over (partition by line_key order by tier_number nulls last, part_kind) as integer) as part_number,
    part_kind,
    cast(tier_number as integer) as tier_number,
    {{ ratio_round('part_units', power_of_ten('quantity_scale'), 6) }} as quantity,
    {{ ratio_round('charged_until_units', power_of_ten('quantity_scale'), 6) }} as charged_until_quantity,
    cast(part_exact as numeric(38, 16)) as amount_exact
from parts
