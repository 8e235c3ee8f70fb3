{# The local first day of the counter in which an account's period starts: of its period, month, quarter or year. What stays until
   it changes counts on from period to period. Small tables only. #}
{% macro counter_start(rules, windows) -%}
    case
        when {{ rules }}.is_recurring or {{ rules }}.counter = 'period' then {{ windows }}.period_start_date
        else cast(date_trunc({{ rules }}.counter, cast({{ windows }}.period_start_date as timestamp)) as date)
    end
{%- endmacro %}

{# The local day after such a counter's last; null for what stays until it changes. #}
{% macro counter_until(rules, windows) -%}
    case
        when {{ rules }}.is_recurring then cast(null as date)
        when {{ rules }}.counter = 'period' then {{ windows }}.period_end_date
        else cast(
            date_trunc({{ rules }}.counter, cast({{ windows }}.period_start_date as timestamp))
            + case {{ rules }}.counter
                when 'month' then interval '1 month'
                when 'quarter' then interval '3 months'
                when 'year' then interval '1 year'
            end as date
        )
    end
{%- endmacro %}

{# The local day on which the first bill period of such a counter starts: a period counts where it starts, so usage of before that day
   belongs to the counter before. Periods that start with a month's last day are taken to do so in every month. #}
{% macro counter_first_day(rules, windows) -%}
    case
        when extract(day from {{ windows }}.period_start_date + 1) = 1
            then cast(date_trunc({{ rules }}.counter, cast({{ windows }}.period_start_date as timestamp)) + interval '1 month' as date) - 1
        else least(
            cast(date_trunc({{ rules }}.counter, cast({{ windows }}.period_start_date as timestamp)) as date)
            + cast(extract(day from {{ windows }}.period_start_date) as integer) - 1,
            cast(date_trunc({{ rules }}.counter, cast({{ windows }}.period_start_date as timestamp)) + interval '1 month' as date) - 1
        )
    end
{%- endmacro %}

{# Whether usage moves a counter apart from that of the period: late usage does, unless its counter is still open (span -1). #}
{% macro counts_apart(is_late, span_number) -%}
    ({{ is_late }} and coalesce({{ span_number }}, 0) <> -1)
{%- endmacro %}

{# Late usage that moved a counter which was open when the period started, to be added to lines; these do not say when it was. Nothing
   in a run without such counters. #}
{% macro late_usage_of_open_counters(products, windows, rules) -%}
{%- if has_rows('int_counter_spans', 'span_number = -1') -%}
union all

        select
            rated_usage.product_number,
            rated_usage.price_version_id,
            false,
            cast(sum(rated_usage.quantity_units - rated_usage.allowance_units) as numeric(38, 0))
        from {{ ref('fct_rated_usage') }} as rated_usage
        inner join {{ rules }} on rated_usage.price_version_id = {{ rules }}.price_version_id and {{ rules }}.takes_late_usage
        inner join {{ products }} on rated_usage.product_number = {{ products }}.product_number
        inner join {{ windows }} on {{ products }}.account_id = {{ windows }}.account_id
        inner join {{ ref('int_counter_spans') }} as spans
            on
                {{ rules }}.counter = spans.counter
                and {{ windows }}.time_zone_number = spans.time_zone_number
                and {{ utc_date('rated_usage.event_at') }} = spans.utc_date
                and rated_usage.event_at >= spans.effective_from
                and rated_usage.event_at < spans.effective_until
                and spans.span_number = -1
        where rated_usage.is_late
        group by rated_usage.product_number, rated_usage.price_version_id
{%- endif -%}
{%- endmacro %}

{# Whole units as a quantity in the unit people read, exact: 10^-scale is a decimal. Small tables only. #}
{% macro units_to_quantity(units, scale) -%}
    cast(({{ units }}) * {{ power_of_ten('-(' ~ scale ~ ')') }} as numeric(24, 12))
{%- endmacro %}

{# The local day of an instant, for sentences. #}
{% macro instant_as_day(instant, time_zone) -%}
    cast({{ instant }} at time zone {{ time_zone }} as date)
{%- endmacro %}

{# One whole number for a counter of a product under a tariff: both are positive or, tariffs of single calls, above -2^31, so no two
   counters share one; late usage that counts apart has the negative ones. With a span (below 2^12) tariffs are below 2^19; single calls
   have none. Sorting by it is a third cheaper than by its parts. #}
{% macro counter_number(product_number, tariff_number, counts_apart, span_number=none) -%}
    {%- set number -%}
        cast({{ product_number }} as bigint) * 4294967296 + {{ tariff_number }}
        {%- if span_number is not none %} + case when {{ span_number }} > 0 and {{ tariff_number }} > 0 then {{ span_number }} * 524288 else 0 end
        {%- endif %}
    {%- endset -%}
    case when {{ counts_apart }} then - ({{ number }}) else {{ number }} end
{%- endmacro %}

{# The sum of whole units, for a window: `cast(running_sum('billed_units') over (...) as bigint)`. PostgreSQL's own would make a decimal of
   each. One that does not fit 64 bits is an error. #}
{% macro running_sum(units) -%}
    {{ return(adapter.dispatch('running_sum')(units)) }}
{%- endmacro %}

{% macro postgres__running_sum(units) -%}
    control.sum_units({{ units }})
{%- endmacro %}

{% macro duckdb__running_sum(units) -%}
    sum({{ units }})
{%- endmacro %}
