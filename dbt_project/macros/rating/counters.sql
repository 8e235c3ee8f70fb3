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

{# An instant as text that people read, in UTC. Small tables only. #}
{% macro instant_for_people(instant) -%}
    to_char({{ instant }} at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')
{%- endmacro %}

{# The local first day of the bill period so many months before; a period that starts with a month's last day is taken to do so in every
   month. #}
{% macro months_before(first_day, months) -%}
    case
        when extract(day from {{ first_day }} + 1) = 1 then cast({{ first_day }} + 1 - {{ months }} * interval '1 month' as date) - 1
        else cast({{ first_day }} - {{ months }} * interval '1 month' as date)
    end
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
