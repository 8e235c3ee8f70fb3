{#
    Looks one share of the events up in the rules: what customers used, and what partners' tariffs make of it. Without tariffs of
    agreements in the book there is no second branch.
#}
{% macro guide_usage(share_number) -%}
{%- set has_tariffs = has_rows('stg_catalog__agreement_tariff_covers') %}
{%- set has_partners = has_rows('stg_catalog__usage_specifications', "guided_to <> 'product'") %}
{%- set in_share = 'share_number = 2' if share_number == 2 else 'share_number is distinct from 2' -%}
select * from {{ ref('int_usage_guided_products') }}
where {{ in_share }}
{%- if has_tariffs or has_partners %}

union all

select * from {{ ref('int_usage_guided_agreements') }}
where {{ in_share }}
{%- else %}
    -- depends_on: {{ ref('int_usage_guided_agreements') }}
    and {{ nothing_left_out([
        (has_tariffs, 'stg_catalog__agreement_tariff_covers'),
        (has_partners, 'stg_catalog__usage_specifications', "guided_to <> 'product'")
    ]) }}
{%- endif %}
{%- endmacro %}

{# Specifications whose usage belongs to an agreement, or to one where no product is found; every event is asked, so it is no join. #}
{% macro specifications_guided_to(whom) -%}
    select usage_specification_id from {{ ref('stg_catalog__usage_specifications') }} where guided_to = '{{ whom }}'
{%- endmacro %}
