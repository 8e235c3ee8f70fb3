{#
    Looks one share of the events up in the rules: what customers used, and what partners' tariffs make of it. Without tariffs of
    agreements in the book there is no second branch.

    Whose usage may be in the share is asked while the inbox is read, so that nothing else of the other share is looked up.
#}
{% macro guide_usage(share_number) -%}
{%- set has_tariffs = has_rows('stg_catalog__agreement_tariff_covers') %}
{%- set has_partners = has_rows('stg_catalog__usage_specifications', "guided_to <> 'product'") %}
{%- set in_share = 'share_number = 2' if share_number == 2 else 'share_number is distinct from 2' -%}
select * from {{ ref('int_usage_guided_products') }}
where
    {{ in_share }}
    and {{ identifiers_of_share(share_number) }}
{%- if has_tariffs or has_partners %}

union all

select * from {{ ref('int_usage_guided_agreements') }}
where
    {{ in_share }}
    and {{ is_one_of_many('characteristic_set_id', characteristic_sets_of_share(share_number, has_partners)) }}
{%- else %}
    -- depends_on: {{ ref('int_usage_guided_agreements') }}
    and {{ nothing_left_out([
        (has_tariffs, 'stg_catalog__agreement_tariff_covers'),
        (has_partners, 'stg_catalog__usage_specifications', "guided_to <> 'product'")
    ]) }}
{%- endif %}
{%- endmacro %}

{# Whether events of an identifier may be in a share. The first has what has no product besides, so it passes over those only that are
   another share's for all of the run's window. #}
{% macro identifiers_of_share(share_number) -%}
{%- if share_number == 2 -%}
    {{ is_one_of_many('identifier_id', 'select identifier_id from ' ~ ref('int_guided_identifiers') ~ ' where share_number = 2') }}
{%- else -%}
    {%- set of_the_other -%}
        select identifier_id
            from {{ ref('int_guided_identifiers') }}
            where
                share_number = 2
                and effective_from <= (select usage_from from {{ ref('int_run_window') }})
                and effective_until >= (select period_end from {{ ref('int_run_window') }})
    {%- endset -%}
    not {{ is_one_of_many('identifier_id', of_the_other) }}
{%- endif -%}
{%- endmacro %}

{# Sets of characteristics that tariffs of a share cover. The first share has usage besides that should have found a tariff. #}
{% macro characteristic_sets_of_share(share_number, has_partners) -%}
    select characteristic_groups.characteristic_set_id
        from {{ ref('int_characteristic_groups') }} as characteristic_groups
        inner join {{ ref('int_agreement_guides') }} as guides
            on characteristic_groups.characteristic_group_number = guides.characteristic_group_number
        where guides.is_in_scope and guides.share_number = {{ share_number }}
    {%- if share_number == 1 and has_partners %}

        union all

        select characteristic_set_id from {{ ref('int_characteristic_groups') }}
        where guided_to <> 'product'
    {%- endif %}
{%- endmacro %}

{# What the rule's price measures of an event of open_rows; a price that counts events counts 10^6 units for each. #}
{% macro measured_units() -%}
    case rating_rules.measure_slot
        when 1 then open_rows.quantity_units
        when 2 then open_rows.quantity_2_units
        when 3 then open_rows.quantity_3_units
        when 0 then 1000000
    end
{%- endmacro %}

{# Whether an event may go on beyond the band of time in which it starts. No for nearly all; which parts meet which bands, and whether
   there are any, is for int_split_parts. Where a unit is no whole number of microseconds, or the product may not fit 64 bits: it may. #}
{% macro may_be_divided(is_divisible, time_band_until) -%}
    case
        when {{ is_divisible }} and {{ measured_units() }} > 0
            then coalesce(
                case
                    when {{ measured_units() }} <= 1000000000000
                        then {{ later_by('open_rows.event_at', measured_units() ~ ' * rating_rules.microseconds_per_unit') }} > {{ time_band_until }}
                end,
                {{ time_band_until }} is not null
            )
        else false
    end
{%- endmacro %}

{# Specifications whose usage belongs to an agreement, or to one where no product is found; every event is asked, so it is no join. #}
{% macro specifications_guided_to(whom) -%}
    select usage_specification_id from {{ ref('stg_catalog__usage_specifications') }} where guided_to = '{{ whom }}'
{%- endmacro %}
