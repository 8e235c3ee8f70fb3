{# Settings of a statement that joins many lines with small tables or shares them, in its own transaction. The planner cannot know how
   many lines a pass, or a join on computed keys, keeps; it guesses a handful, and a nested loop chosen for a handful takes lines times
   accounts and never ends on millions. #}
{% macro sharing_session() -%}
    set local enable_nestloop = off;
    set local jit = off
{%- endmacro %}
