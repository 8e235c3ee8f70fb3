{%- set has_late_usage = has_rows('int_counter_spans', 'span_number = -1') %}
{%- set has_counters_over = has_rows('int_late_usage') %}
{#
    Usage lines and where each stands on its counter. A line counts on from the lines of the same counter before it (the
    agreement changed within the period), and these from what earlier bills counted. Events that each count alone have tiers
    of their own; a line of one event is that event. A line on no counter has neither from_units nor
    until_units. A late line is on the counter of the period if all of it is, and on each counter that is over with the part that
    moved it: then it has a row for each.
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

account_windows as (

    select * from {{ ref('int_account_windows') }}

),

-- From when on late usage still belongs to the counter of the period.
open_counters as (

    select
        counter,
        time_zone_number,
        min(effective_from) as effective_from
    from {{ ref('int_counter_spans') }}
    where span_number = -1
    group by counter, time_zone_number

),

lines as (

    select
        charges.line_key,
        charges.product_number,
        charges.price_version_id,
        charges.price_override_id,
        charges.terms_id,
        charges.is_late,
        {% if has_late_usage -%}
        charges.is_late
        and coalesce(usage_lines.first_event_at < open_counters.effective_from or open_counters.effective_from is null, true) as counts_apart,
        {%- else -%}
        charges.is_late as counts_apart,
        {%- endif %}
        charges.amount_exact,
        tariffs.tariff_number,
        tariffs.quantity_scale,
        tariffs.free_units,
        -- Bands of time have counters of their own; on an account's, lines of several products mix.
        prices_with_bands.price_version_id is null
        and coalesce(counters.shared_by, 'product') = 'product'
        and (coalesce(counters.counter, 'period') <> 'event' or charges.event_count = 1) as is_on_counter,
        coalesce(usage_lines.first_event_at, charges.covered_from) as first_event_at,
        cast(coalesce(usage_lines.quantity_units - usage_lines.allowance_units, 0) as numeric(38, 0)) as billed_units
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
    {%- if has_late_usage %}
    left join account_windows on charges.account_id = account_windows.account_id
    left join open_counters
        on
            account_windows.time_zone_number = open_counters.time_zone_number
            and case when not counters.is_recurring and counters.billed <> 'cumulative' then counters.counter end = open_counters.counter
    {%- endif %}
    left join prices_with_bands on charges.price_version_id = prices_with_bands.price_version_id

),

{{ lines_by_counter(has_counters_over) }}

lines_in_order as (

    select
        lines_by_counter.*,
        coalesce(lines_by_counter.part_opening_units, openings.opening_units, 0) as opening_units,
        coalesce(openings.continues, true) as continues,
        openings.billed_exact,
        sum(lines_by_counter.part_units) over (
            partition by lines_by_counter.product_number, lines_by_counter.tariff_number, lines_by_counter.is_apart, lines_by_counter.span_number, lines_by_counter.is_on_counter
            order by lines_by_counter.part_at, lines_by_counter.line_key
            rows unbounded preceding
        ) as units_so_far
    from lines_by_counter
    left join openings
        on
            lines_by_counter.product_number = openings.product_number
            and lines_by_counter.tariff_number = openings.tariff_number
            and not lines_by_counter.is_apart

)

select
    line_key,
    span_number,
    part_number,
    tariff_number,
    quantity_scale,
    free_units,
    -- Of the whole line.
    billed_units,
    amount_exact,
    continues,
    billed_exact as billed_before_exact,
    case when is_on_counter then opening_units + units_so_far end as until_units,
    case
        when is_on_counter and continues then opening_units + units_so_far - part_units
        when is_on_counter then 0
    end as from_units
from lines_in_order
