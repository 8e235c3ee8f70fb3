{#
    A table of the records as an analysis reads it: what is compiled once is executed in whatever database a command works on, so
    the name of the database is left out.
#}
{% macro recorded(schema, table) -%}
    {{ source(schema, table).include(database=false) }}
{%- endmacro %}
