{# Dates of fee cycles. PostgreSQL only: small tables. #}

{# The cycle's day in the month that lies `months` after the anchor's month, or the last day of a month without it:
   anchor month 2026-01-01, day 31, 1 month on = 2026-02-28, 2 months on = 2026-03-31. #}
{% macro cycle_day_after(anchor_month, anchor_day, months) -%}
    least(
        cast({{ anchor_month }} + make_interval(months => {{ months }}) as date) + ({{ anchor_day }} - 1),
        cast({{ anchor_month }} + make_interval(months => {{ months }} + 1) as date) - 1
    )
{%- endmacro %}

{# Months since the year 0, so that the distance of two dates in months is a difference. #}
{% macro month_number(day) -%}
    cast(extract(year from {{ day }}) * 12 + extract(month from {{ day }}) as integer)
{%- endmacro %}

{# Days from one date to another in a calendar of months of 30 days: 23 February to 15 March are 22. #}
{% macro days_of_thirty(from_date, until_date) -%}
    cast(
        ({{ month_number(until_date) }} - {{ month_number(from_date) }}) * 30
        + least(extract(day from {{ until_date }}), 30) - least(extract(day from {{ from_date }}), 30) as integer
    )
{%- endmacro %}

{# Microseconds between two instants, whatever the session's time zone. #}
{% macro microseconds_between(from_instant, until_instant) -%}
    cast(extract(epoch from {{ until_instant }}) * 1000000 - extract(epoch from {{ from_instant }}) * 1000000 as bigint)
{%- endmacro %}

{# dividend / divisor rounded half up to the decimals in a column, both positive: 12/31 to 9 = 0.387096774. #}
{% macro ratio_rounded_to(dividend, divisor, decimals) -%}
    div({{ dividend }} * 2 * {{ power_of_ten(decimals) }} + {{ divisor }}, cast({{ divisor }} as numeric(38, 0)) * 2)
    * {{ power_of_ten('-(' ~ decimals ~ ')') }}
{%- endmacro %}

{# Months from a day to a later one, a started month counts whole: 15 January to 10 March are 2, to 20 March 3. #}
{% macro months_started_between(first, last) -%}
    cast(
        {{ month_number(last) }} - {{ month_number(first) }}
        + case when extract(day from {{ last }}) > extract(day from {{ first }}) then 1 else 0 end
        as bigint
    )
{%- endmacro %}
