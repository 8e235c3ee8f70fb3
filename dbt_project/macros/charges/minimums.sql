{# Whether lines of a price count towards a minimum: those that it names, or all of its offering when it names none. Of a relation
   minimum_counts beside; two sets that are hashed once, so that no minimum looks through all lines. #}
{% macro counts_towards(minimum_version_id, price_id) -%}
    (
        ({{ minimum_version_id }}, {{ price_id }}) in (select price_version_id, counted_price_id from minimum_counts)
        or {{ minimum_version_id }} not in (select price_version_id from minimum_counts)
    )
{%- endmacro %}
