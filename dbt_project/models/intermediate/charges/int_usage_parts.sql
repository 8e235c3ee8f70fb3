{#
    What each tier gives to a usage line: T at the end of the part less T at its start, so the parts of a line add up by
    construction. What is not of a tier (fixed amounts, limits and rounding of single events; events that each count alone)
    is one part more.
#}

with

lines_on_counters as (

    select * from {{ ref('int_lines_on_counters') }}

),

-- A late line may be on several counters.
lines as (

    select * from lines_on_counters where part_number = 1

),

tiers as (

    select * from {{ ref('int_tariff_tiers') }}

),

segments as (

    select * from {{ ref('int_tariff_segments') }}

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
    where lines_on_counters.until_units is not null

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
        line_key,
        quantity_scale,
        - billed_before_exact as billed_exact
    from lines
    where billed_before_exact <> 0

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
        span_number,
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
        0,
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
        0,
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
        0,
        'free',
        null,
        lines.quantity_scale,
        lines.billed_units - tier_sums.part_units,
        0,
        0
    from lines
    inner join tier_sums on lines.line_key = tier_sums.line_key
    where lines.billed_units <> tier_sums.part_units and lines.continues

)

select
    line_key,
    cast(row_number() over (partition by line_key order by tier_number nulls last, part_kind, span_number) as integer) as part_number,
    part_kind,
    cast(tier_number as integer) as tier_number,
    {{ ratio_round('part_units', power_of_ten('quantity_scale'), 6) }} as quantity,
    {{ ratio_round('charged_until_units', power_of_ten('quantity_scale'), 6) }} as charged_until_quantity,
    cast(part_exact as numeric(38, 16)) as amount_exact
from parts
