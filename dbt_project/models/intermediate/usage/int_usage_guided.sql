{{ config(materialized='table', pre_hook=rating_session(), post_hook=rating_statistics('share_number, quantity_units')) }}

{#
    Usage with everything that rates it, whoever pays: what customers used, and what partners' tariffs make of it. An event can be in
    both, and with several partners; event_key is unique all the same, because a partner's row has a key of its own.

    The one place where events are looked up in the rules, written once: both shares of rating read it, and so does what looks at a
    few events only (those of bands, those whose counters do not add up, those without product or price). Without tariffs of agreements
    in the book there is no second branch.
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
