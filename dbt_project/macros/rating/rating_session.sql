{# Session settings for a statement over per-event rows: memory for hashes and the one sort, workers for the scan and the joins (none
   where dbt's threads share the work already). One side of each join is small: no loops, and no sort of all events for a merge; none
   for a sum either where groups are few, which the planner cannot know of columns it has no statistics of.
   Of a large table that is kept the writing to disk is begun early, because the commit waits for it.
   `set local` ends with the model's own transaction. Other engines get a statement that does nothing. #}
{% macro rating_session(workers=2, sorts=true, is_large=false) -%}
    {{ return(adapter.dispatch('rating_session')(workers, sorts, is_large)) }}
{%- endmacro %}

{% macro postgres__rating_session(workers, sorts, is_large) -%}
    set local work_mem = '{{ env_var("APPORTION_RATING_WORK_MEM", "192MB") }}';
    set local hash_mem_multiplier = 2;
    set local jit = off;
    set local enable_nestloop = off;
    set local enable_mergejoin = off;
    {%- if not sorts %}
    set local enable_sort = off;
    {%- endif %}
    set local join_collapse_limit = 20;
    set local from_collapse_limit = 20;
    set local enable_partitionwise_aggregate = on;
    set local max_parallel_workers_per_gather = {{ workers }};
    set local parallel_setup_cost = 10;
    set local parallel_tuple_cost = 0.001
    {%- if is_large %};
    set local backend_flush_after = '1MB'
    {%- endif %}
{%- endmacro %}

{% macro duckdb__rating_session(workers, sorts, is_large) -%}
    select 1
{%- endmacro %}

{# At the end of a subquery whose columns are used many times: PostgreSQL would put their expressions in place of every use. #}
{% macro computed_once() -%}
    {{ return(adapter.dispatch('computed_once')()) }}
{%- endmacro %}

{% macro postgres__computed_once() -%}
    offset 0
{%- endmacro %}

{% macro duckdb__computed_once() -%}
{%- endmacro %}

{# Whether an event's number is one of the few that a query gives. PostgreSQL asks them while it reads the row, where `in` would be a step of
   its own in which every row is copied. #}
{% macro is_one_of(number, numbers) -%}
    {{ return(adapter.dispatch('is_one_of')(number, numbers)) }}
{%- endmacro %}

{% macro postgres__is_one_of(number, numbers) -%}
    {{ number }} = any(array({{ numbers }}))
{%- endmacro %}

{% macro duckdb__is_one_of(number, numbers) -%}
    {{ number }} in ({{ numbers }})
{%- endmacro %}

{# The same for many numbers of a dictionary: those from 1 on, without long gaps. PostgreSQL finds the answer at the number's place in a
   list of yes and no, for a tenth of what looking the event up in a table costs; false where there is no number. #}
{% macro is_one_of_many(number, numbers) -%}
    {{ return(adapter.dispatch('is_one_of_many')(number, numbers)) }}
{%- endmacro %}

{# No null in the list: PostgreSQL would walk through it to find a place. #}
{% macro postgres__is_one_of_many(number, numbers) -%}
    coalesce((
        with asked as (
            select number from ({{ numbers }}) as numbers (number)
            where number is not null
        )

        select array(
            select places.number in (select number from asked)
            from generate_series(1, (select max(number) from asked)) as places (number)
            order by places.number
        )
    )[{{ number }}], false)
{%- endmacro %}

{% macro duckdb__is_one_of_many(number, numbers) -%}
    coalesce({{ number }} in ({{ numbers }}), false)
{%- endmacro %}

{# What a small table says of an event's number of such a dictionary: a number of its own, above 0; 0 or null where it says nothing. #}
{% macro number_of(number, relation, key, value) -%}
    {{ return(adapter.dispatch('number_of')(number, relation, key, value)) }}
{%- endmacro %}

{% macro postgres__number_of(number, relation, key, value) -%}
    (
        select array(
            select coalesce({{ relation }}.{{ value }}, 0)
            from generate_series(1, (select max({{ key }}) from {{ relation }})) as places (number)
            left join {{ relation }} on places.number = {{ relation }}.{{ key }}
            order by places.number
        )
    )[{{ number }}]
{%- endmacro %}

{% macro duckdb__number_of(number, relation, key, value) -%}
    (select {{ relation }}.{{ value }} from {{ relation }} where {{ relation }}.{{ key }} = {{ number }})
{%- endmacro %}
