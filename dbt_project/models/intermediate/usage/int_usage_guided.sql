{#
    Usage with everything that rates it, whoever pays: what customers used, and what partners' tariffs make of it. An event can be in
    both, and with several partners; event_key is unique all the same, because a partner's row has a key of its own.

    A view over per-event rows with two consumers: one keeps the rated rows, the other the few without product or price. Without
    tariffs of agreements in the book there is no second branch.
#}

{%- set has_tariffs = has_rows('stg_catalog__agreement_tariff_covers') %}
{%- set has_partners = has_rows('stg_catalog__usage_specifications', "guided_to <> 'product'") %}

select * from {{ ref('int_usage_guided_products') }}
{%- if has_tariffs or has_partners %}
union all
select * from {{ ref('int_usage_guided_agreements') }}
{%- else %}
-- depends_on: {{ ref('int_usage_guided_agreements') }}
where
    {{ nothing_left_out([
        (has_tariffs, 'stg_catalog__agreement_tariff_covers'),
        (has_partners, 'stg_catalog__usage_specifications', "guided_to <> 'product'")
    ]) }}
{%- endif %}
