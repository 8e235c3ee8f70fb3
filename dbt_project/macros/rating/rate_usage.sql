{#
    Rates one share of the events in one statement, in this order: what it measures, what allowances cover of it, T(after) - T(before)
    of the counter that the rest moves.

    A counter is the cumulative quantity of one product under one tariff; late usage has counters of its own, one for each that is over
    (int_late_counters), unless its counter is still open. Sorting is what costs most, so only events that draw from allowances go
    through their passes, and a counter is one whole number to sort by. All are totally ordered by (event_at, event_key). What is
    sorted by stands first in the row, before anything that can be null: PostgreSQL finds it there without walking through the row.

    PostgreSQL keeps window functions out of its parallel workers, so accounts are dealt out to two shares (int_guided_identifiers) and
    dbt's two threads rate one each, over connections of their own. A share holds all usage that moves a common counter or draws from
    a common allowance; what has no share belongs to the first.

    The columns of open_usage stand in the order in which the sort takes them, what only the counter is worked out from at the end:
    in another order PostgreSQL copies every row once more.
#}
{% macro rate_usage(share_number) -%}
{%- set bucket_passes = bucket_pass_count() -%}
{%- set has_event_rules = has_rows('int_event_rules', 'changes_amounts') -%}
{%- set has_positions = has_rows('int_usage_positions') -%}
{%- set has_parts = has_positions and has_rows('int_usage_positions', 'factor_divisor is not null') -%}
{%- set has_late_counters = has_rows('int_late_counters') -%}
{%- set has_spans = has_rows('int_counter_spans') or has_late_counters -%}
{%- set has_openings = has_rows('int_counter_openings') -%}
{%- set apart = counts_apart('is_late', 'span_number') if has_spans else 'is_late' -%}
{#- An hour or a day has a place in the counter's number, unless the run has too many of them or of tariffs. -#}
{%- set has_wide_spans = has_spans and (
    has_rows('int_counter_spans', 'span_number > 4095') or has_rows('int_rating_segments', 'tariff_number > 524287')
) -%}
{%- set in_share = 'share_number = 2' if share_number == 2 else 'share_number is distinct from 2' -%}
{#- As a case, PostgreSQL takes it for half of the events; without statistics it would take it for nearly all, and hash the others. -#}
{%- set draws = '(case when coalesce(bucket_1_number, bucket_2_number, bucket_3_number) is not null then true else false end)' -%}
{%- set sorted_by -%}
    event_at,
        event_key,
        {{ counter_number('product_number', 'tariff_number', apart, 'span_number' if has_spans and not has_wide_spans else none) }} as counter_number,
        {%- if has_wide_spans %}
        greatest(span_number, 0) as span_number,
        {%- endif %}
{%- endset -%}
{%- set carried -%}
    quantity_units,
        {%- if has_openings %}
        opening_units,
        {%- endif %}
        file_id,
        line_number,
        product_number,
        tariff_number,
        price_version_id,
        is_late,
        price_override_id,
        terms_id,
        event_rule_id,
        {%- if has_positions %}
        before_units,
        {%- endif %}
        {%- if has_parts %}
        flat_exact,
        factor_numerator,
        factor_divisor,
        {%- endif %}
{%- endset -%}
with

{% if bucket_passes > 0 -%}
drawing as (

    select * from {{ ref('int_usage_measured') }}
    where {{ in_share }} and {{ draws }}

),

-- Allowances: a pass for each bucket an event can draw from, in the order in which they are used up; what one leaves is the next
-- one's. Usage that shares buckets is in one pool, in the order of time whoever caused it.
{{ bucket_pass_ctes('drawing', bucket_passes) }}

{% endif -%}
open_usage as (

    {% if bucket_passes > 0 -%}
    select
        {{ sorted_by }}
        open_{{ bucket_passes }}_units as billed_units,
        {{ carried }}
        {{ bucket_columns(bucket_passes) }},
        {{ set_after('open_' ~ bucket_passes ~ '_units', has_positions) }} as set_after_units
    from open_{{ bucket_passes }}

    union all

    {% endif -%}
    select
        {{ sorted_by }}
        quantity_units - free_units as billed_units,
        {{ carried }}
        {{ bucket_columns(0) }},
        {{ set_after('quantity_units - free_units', has_positions) }} as set_after_units
    from {{ ref('int_usage_measured') }}
    where {{ in_share }}{{ ' and not ' ~ draws if bucket_passes > 0 }}
    {%- if has_late_counters %}

    union all

    -- Counters that are over open with what they had reached: a first row, which finds no segment once all is added up.
    select
        {{ sorted_by }}
        opening_units as billed_units,
        {{ carried | replace('tariff_number,', 'cast(null as integer) as tariff_number,') }}
        {{ bucket_columns(0) }},
        cast(null as bigint) as set_after_units
    from ({{ rows_before_late_usage() }}) as first_rows
    {%- endif %}

),

-- Counters: what is billed moves them.
counters as (

    select
        *,
        coalesce(
            set_after_units,
            {{ 'opening_units + ' if has_openings }}cast({{ running_sum('billed_units') }} over (
                partition by counter_number{{ ', span_number' if has_wide_spans }}
                order by event_at, event_key
                rows between unbounded preceding and current row
            ) as bigint)
        ) as counter_after_units
    from open_usage

),

moves as (

    select
        *,
        coalesce({{ if_joined(has_positions, 'before_units', 'bigint') }}, counter_after_units - billed_units) as counter_before_units
    from counters

),

-- Most events stay in one segment, where whole numbers do; the second lookup gets a key only when the counter crossed into another
-- segment, or the event's figures do not fit 64 bits.
with_values as (

    select
        moves.*,
        {%- if has_parts %}
        coalesce(before_segment.flat_exact, after_segment.flat_exact) as flat_before_exact,
        after_segment.flat_exact as flat_after_exact,
        {%- endif %}
        case
            when before_segment.tariff_number is null
                then {{ tariff_move('moves.counter_after_units', 'moves.counter_before_units', 'after_segment') }}
            else
                {{ tariff_value('moves.counter_after_units', 'after_segment') }}
                - {{ tariff_value('moves.counter_before_units', 'before_segment') }}
        end as move_exact
    from moves
    inner join {{ ref('int_rating_segments') }} as after_segment
        on
            moves.tariff_number = after_segment.tariff_number
            and moves.counter_after_units > after_segment.from_units
            and moves.counter_after_units <= after_segment.until_units
    left join {{ ref('int_rating_segments') }} as before_segment
        on
            case
                when
                    moves.counter_before_units > after_segment.short_from_units
                    and moves.counter_before_units <= after_segment.until_units
                    and moves.counter_after_units > after_segment.short_from_units
                    and abs(moves.counter_after_units - moves.counter_before_units) <= after_segment.short_delta_units
                    then null
                else moves.tariff_number
            end = before_segment.tariff_number
            and moves.counter_before_units > before_segment.from_units
            and moves.counter_before_units <= before_segment.until_units
    {{ computed_once() if has_event_rules }}

),

-- A prorated event: flat amounts in full, once a tier has been reached, and a part of the rest.
with_amounts as (

    select
        *,
        {%- if has_parts %}
        case
            when factor_divisor is null then move_exact
            else flat_exact + {{ prorated_amount(
                '(move_exact - (flat_after_exact - flat_before_exact))', 'factor_numerator', 'factor_divisor'
            ) }}
        end as tariff_exact
        {%- else %}
        move_exact as tariff_exact
        {%- endif %}
    from with_values

){{ ',' if has_event_rules }}

{% if has_event_rules -%}
-- Event rules: an event that an allowance or free units cover whole is left alone. One that is taken back was not free where the
-- counter stood before it.
with_event_amounts as (

    select
        with_amounts.*,
        event_rules.rounding_method,
        event_rules.rounding_decimals,
        event_rules.rounding_step,
        case
            when event_rules.price_version_id is null then with_amounts.tariff_exact
            when
                case
                    when with_amounts.quantity_units = 0 then event_rules.are_zero_events_charged
                    else with_amounts.billed_units <> 0
                        and greatest(abs(with_amounts.counter_before_units), abs(with_amounts.counter_after_units))
                        > event_rules.free_units
                end
                then {{ limited_event_amount('with_amounts.tariff_exact', 'with_amounts.billed_units', 'event_rules') }}
            else with_amounts.tariff_exact
        end as event_exact
    from with_amounts
    left join {{ ref('int_event_rules') }} as event_rules on with_amounts.event_rule_id = event_rules.price_version_id

)

{% endif -%}
select
    -- What lines and reconciliation read stands first, and numbers of eight bytes where nothing is lost between them: a share is 7 %
    -- smaller.
    product_number,
    price_version_id,
    quantity_units,
    quantity_units - billed_units as allowance_units,
    event_at,
    file_id,
    line_number,
    cast((select bill_run_id from {{ ref('int_run_window') }}) as integer) as bill_run_id,
    cast({{ share_number }} as smallint) as share_number,
    is_late,
    {%- if has_event_rules %}
    cast(case
        when rounding_method is null then event_exact
        else {{ round_by_method('event_exact', 'rounding_method', 'rounding_decimals', 'rounding_step') }}
    end as numeric(38, 16)) as amount_exact,
    {%- else %}
    cast(tariff_exact as numeric(38, 16)) as amount_exact,
    {%- endif %}
    price_override_id,
    terms_id,
    bucket_1_number,
    bucket_2_number,
    bucket_2_units,
    bucket_3_number,
    bucket_3_units,
    event_key
from {{ 'with_event_amounts' if has_event_rules else 'with_amounts' }}
{%- endmacro %}

{# Where a counter stands after an event that does not ask what was before: a call in several bands has a tariff of its own (an allowance
   covers its first part), an event can count alone, a maximum has its own position. Null for all others, which add up. #}
{% macro set_after(billed_units, has_positions) -%}
    case
            when is_split then quantity_units
            when counts_events_alone then {{ billed_units }}
            {%- if has_positions %}
            when after_units is not null then after_units
            {%- endif %}
        end
{%- endmacro %}
