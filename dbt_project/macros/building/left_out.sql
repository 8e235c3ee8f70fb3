{#
    Per-event models leave out the lookups that this run has no rules for: a join against an empty table costs a fifteenth of a second
    per million events, and its columns are carried along through every sort. The small tables are built before, so they are asked
    when the model is compiled.

    A view remembers what was left out. Should such a table get rows without the view being made again, `nothing_left_out` turns the
    view empty: a count that does not match is found, a price that was not looked up is not.
#}

{# Whether a model has rows (that meet a condition) in this run. Yes while nothing is built, and in unit tests. #}
{% macro has_rows(model_name, condition='true') -%}
    {#- A unit test names the inputs that its model reads, and this is none of them. -#}
    {%- if execute and model.resource_type == 'unit_test' -%}
        {{ return(true) }}
    {%- endif -%}
    {%- set asked = ref(model_name) -%}
    {%- if not execute or flags.WHICH not in ('run', 'build') -%}
        {{ return(true) }}
    {%- endif -%}
    {%- set relation = adapter.get_relation(asked.database, asked.schema, asked.identifier) -%}
    {%- if relation is none -%}
        {{ return(true) }}
    {%- endif -%}
    {{ return(run_query('select count(*) from (select 1 from ' ~ asked ~ ' where ' ~ condition ~ ' limit 1) as found').rows[0][0] > 0) }}
{%- endmacro %}

{# An expression over a joined table, or null of its type where the join is left out. #}
{% macro if_joined(is_joined, expression, type) -%}
    {{ return(expression if is_joined else 'cast(null as ' ~ type ~ ')') }}
{%- endmacro %}

{# True as long as the models left out have no rows: a list of (has rows, model) or (has rows, model, condition). #}
{% macro nothing_left_out(lookups) -%}
    {%- for lookup in lookups if not lookup[0] %}
    not exists (select 1 from {{ ref(lookup[1]) }} where {{ lookup[2] if lookup | length > 2 else 'true' }}){{ " and" if not loop.last }}
    {%- else -%}
    true
    {%- endfor %}
{%- endmacro %}

{# How many times a pass is written out: the highest number that a table of this run holds, at most `most`. All of them while nothing is
   built, and in unit tests. Only for tables, which are filled once: what is left out finds no rows in them. #}
{% macro passes_needed(model_name, column, most) -%}
    {%- if execute and model.resource_type == 'unit_test' -%}
        {{ return(most) }}
    {%- endif -%}
    {%- set asked = ref(model_name) -%}
    {%- if not execute or flags.WHICH not in ('run', 'build') -%}
        {{ return(most) }}
    {%- endif -%}
    {%- if adapter.get_relation(asked.database, asked.schema, asked.identifier) is none -%}
        {{ return(most) }}
    {%- endif -%}
    {%- set highest = run_query('select coalesce(max(' ~ column ~ '), 1) from ' ~ asked).rows[0][0] | int -%}
    {{ return([[highest, 1] | max, most] | min) }}
{%- endmacro %}

{# Which passes have what `condition` says in a table of this run: a list of the values of `column`, or `all_of_them` while nothing is
   built, and in unit tests. Only for tables, as above. #}
{% macro passes_with(model_name, column, condition, all_of_them) -%}
    {%- if execute and model.resource_type == 'unit_test' -%}
        {{ return(all_of_them) }}
    {%- endif -%}
    {%- set asked = ref(model_name) -%}
    {%- if not execute or flags.WHICH not in ('run', 'build') -%}
        {{ return(all_of_them) }}
    {%- endif -%}
    {%- if adapter.get_relation(asked.database, asked.schema, asked.identifier) is none -%}
        {{ return(all_of_them) }}
    {%- endif -%}
    {{ return(run_query('select distinct ' ~ column ~ ' from ' ~ asked ~ ' where ' ~ condition).columns[0].values() | map('int') | list) }}
{%- endmacro %}
