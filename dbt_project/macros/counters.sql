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

{# Whole units as a quantity in the unit people read, exact: 10^-scale is a decimal. Small tables only. #}
{% macro units_to_quantity(units, scale) -%}
    cast(({{ units }}) * {{ power_of_ten('-(' ~ scale ~ ')') }} as numeric(24, 12))
{%- endmacro %}

{# The local day of an instant, for sentences. #}
{% macro instant_as_day(instant, time_zone) -%}
    cast({{ instant }} at time zone {{ time_zone }} as date)
{%- endmacro %}

{# One whole number for a counter of a product under a tariff: both are positive or, tariffs of single calls, above -2^31, so no two
   counters share one; late usage has the negative ones. Sorting by it is a third cheaper than by its three parts. #}
{% macro counter_number(product_number, tariff_number, is_late) -%}
    case
        when {{ is_late }} then - (cast({{ product_number }} as bigint) * 4294967296 + {{ tariff_number }})
        else cast({{ product_number }} as bigint) * 4294967296 + {{ tariff_number }}
    end
{%- endmacro %}
