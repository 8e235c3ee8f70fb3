{# Every model of a lane lives in the lane's own schema; folders never add a suffix to it. #}
{% macro generate_schema_name(custom_schema_name, node) -%}
    {{ target.schema }}
{%- endmacro %}
