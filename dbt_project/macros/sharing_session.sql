{# Settings of the statement that shares all lines, in its own transaction. Each pass joins many lines with few steps; the planner
   cannot know how many lines a pass keeps, guesses a handful, and a nested loop chosen for a handful never ends on millions. #}
{% macro sharing_session() -%}
    set local enable_nestloop = off;
    set local jit = off
{%- endmacro %}
