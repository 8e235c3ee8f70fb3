{#
    Whose roles a line's agreement looks up, and on which day: the seller (the operator when it sells itself) and the content
    provider of the offering, on the line's first day, so a late line follows the hierarchy of its own time. Terms that name no
    role have one value for all lines. `lines` has terms_id, seller_party_id and covered_from; `terms_with_roles` is left joined
    on terms_id; `run` is a CTE over int_run, read as single values, which costs the planner less than a join with one row.
#}
{% macro role_seller(lines, terms_with_roles='terms_with_roles', run='run') -%}
    case when {{ terms_with_roles }}.terms_id is null then '' else coalesce({{ lines }}.seller_party_id, (select {{ run }}.operator_party_id from {{ run }})) end
{%- endmacro %}

{% macro role_date(lines, terms_with_roles='terms_with_roles', run='run') -%}
    case
        when {{ terms_with_roles }}.terms_id is null then cast('0001-01-01' as date)
        else cast({{ lines }}.covered_from at time zone (select {{ run }}.time_zone from {{ run }}) as date)
    end
{%- endmacro %}

{# `offerings` has content_provider_party_id of the line's offering. #}
{% macro role_content_provider(offerings, terms_with_roles='terms_with_roles') -%}
    case when {{ terms_with_roles }}.has_content_provider then coalesce({{ offerings }}.content_provider_party_id, '') else '' end
{%- endmacro %}
