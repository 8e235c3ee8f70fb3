{# Key of a row from its natural ids: md5 as uuid over the parts joined by a unit separator, nulls as an empty part with a mark
   of their own. Stable between rebuilds, and equal on every engine. natural_key(['account_id', 'period_id']) #}
{% macro natural_key(columns) -%}
    cast(md5(
        {%- for column in columns %}
        coalesce(cast({{ column }} as text), chr(30)) {{ "|| chr(31) ||" if not loop.last }}
        {%- endfor %}
    ) as uuid)
{%- endmacro %}

{# An instant as text that depends neither on the session's time zone nor on the engine: microseconds since 1970. #}
{% macro instant_text(instant) -%}
    {{ return(adapter.dispatch('instant_text')(instant)) }}
{%- endmacro %}

{% macro postgres__instant_text(instant) -%}
    cast(cast(extract(epoch from {{ instant }}) * 1000000 as bigint) as text)
{%- endmacro %}

{% macro duckdb__instant_text(instant) -%}
    cast(epoch_us({{ instant }}) as text)
{%- endmacro %}

{# First and last instant of open ranges, so that dated rule tables have no null bounds and a range join is two comparisons. #}
{% macro beginning_of_time() -%}
    cast('0001-01-01 00:00:00+00' as timestamptz)
{%- endmacro %}

{% macro end_of_time() -%}
    cast('9999-12-31 00:00:00+00' as timestamptz)
{%- endmacro %}

{# The day in UTC that an instant lies in, whatever the session's time zone. PostgreSQL would look a zone's name up for each event. #}
{% macro utc_date(instant) -%}
    {{ return(adapter.dispatch('utc_date')(instant)) }}
{%- endmacro %}

{% macro postgres__utc_date(instant) -%}
    cast({{ instant }} at time zone interval '0 hours' as date)
{%- endmacro %}

{% macro duckdb__utc_date(instant) -%}
    cast(timezone('UTC', {{ instant }}) as date)
{%- endmacro %}

{# An instant so many whole microseconds after another. #}
{% macro later_by(instant, microseconds) -%}
    {{ return(adapter.dispatch('later_by')(instant, microseconds)) }}
{%- endmacro %}

{% macro postgres__later_by(instant, microseconds) -%}
    {{ instant }} + ({{ microseconds }}) * interval '1 microsecond'
{%- endmacro %}

{% macro duckdb__later_by(instant, microseconds) -%}
    {{ instant }} + to_microseconds({{ microseconds }})
{%- endmacro %}

{# The account of an agreement in a run: usage that its tariffs rate belongs to it. No account of a customer is called so. #}
{% macro agreement_account(agreement_id) -%}
    'agreement:' || {{ agreement_id }}
{%- endmacro %}

{# Where usage belongs that only says what sharing items give: to no account of a run, so it has no lines of its own. #}
{% macro items_account(agreement_id) -%}
    {{ agreement_account(agreement_id) }} || '/items'
{%- endmacro %}

{# The account of an agreement in a settlement run. Apart from that of its tariffs in bill runs: what a bill run left behind is found by it. #}
{% macro settlement_account(agreement_id) -%}
    'settlement:' || {{ agreement_id }}
{%- endmacro %}
