{#
    One step of each line's waterfall, for the lines whose path has a step at this place. A path is a resolution in one currency.

    A line carries what its hop shares out, what is left of it, and `amounts`: its own amount, list price, price before discounts and
    quantity, then what steps gave that others build on. A basis is a place in it, 0 for what the hop shares out, -1 for what is left.

    rule      percent of the basis, cut to 16 decimals; per_unit: amount per billed unit; fixed: amount per line; tiers, fixed_once:
              what is measured over a period (revenue_share_measured, in the passes of has_measured_steps, and of these only
              where the run has such a step: the planner needs longer for it than the pass takes); remaining: all that is left;
              none: the line is handed on
    limits    min and max per line, then what is left, unless the step is a cost that is owed in any case
    The rest absorbs what the cuts left over, so a hop's steps add up to its base exactly.

    `offset 0` keeps PostgreSQL from writing an expression again at each place that uses its result.
#}
{% macro revenue_share_pass(lines, steps, shared_lines, tiers, pass_number, measured_passes) -%}
    select
        line_key,
        path_id,
        {{ pass_number }} as pass_number,
        hop_base,
        amount,
        hop_left - coalesce(amount, 0) as hop_left,
        case when is_amount_kept then amounts || amount else amounts end as amounts,
        cast(null as numeric) as measured
    from (
        select
            line_key,
            path_id,
            hop_base,
            hop_left,
            amounts,
            is_amount_kept,
            case rule
                when 'remaining' then hop_left
                when 'percent' then {{ share_within_limits('trunc(' ~ share_basis() ~ ' * percent_part, 16)') }}
                when 'per_unit' then {{ share_within_limits('trunc(unit_amount * amounts[4], 16)') }}
                -- A fixed amount turns with the line: a credit takes it back, and a line of 0 owes it as a cost only.
                when 'fixed' then {{ share_within_limits('trunc(fixed_amount * ' ~ share_direction() ~ ', 16)') }}
            end as amount
        from ({{ revenue_share_lines(lines, steps, pass_number, is_measured=false) }}) as lines_with_steps
        offset 0
        {% if has_measured_steps(pass_number) and pass_number in measured_passes -%}
    ) as lines_with_amounts

    union all

    {{ revenue_share_measured(lines, steps, shared_lines, tiers, pass_number) }}
        {%- else %}
    ) as lines_with_amounts
        {%- endif %}
{%- endmacro %}

{# Passes that compute what is measured over a period. The book puts such items there (assets.catalog.chains), so that the windows
   over a period are not written out for every pass. #}
{% macro has_measured_steps(pass_number) -%}
    {{ return(pass_number <= 8 or pass_number % 8 == 0) }}
{%- endmacro %}

{# Places in `amounts` before the first step's: amount, list price, price before discounts, quantity. #}
{% macro share_fact_count() -%}{{ return(4) }}{%- endmacro %}

{# Place of a basis in a line's `amounts`. #}
{% macro share_place(basis, place) -%}
    case {{ basis }}
        when 'after_discount_ex_tax' then 0
        when 'collected_ex_tax' then 0
        when 'remaining' then -1
        when 'list' then 2
        when 'before_discount_ex_tax' then 3
        when 'item' then {{ place }}
    end
{%- endmacro %}

{# Lines that reach a pass, with their step and what its hop shares out. #}
{% macro revenue_share_lines(lines, steps, pass_number, is_measured) -%}
    select
        lines.line_key,
        lines.path_id,
        lines.amounts,
        steps.rule,
        steps.basis_place,
        steps.other_basis_place,
        steps.basis_choice,
        steps.percent_part,
        steps.unit_amount,
        steps.fixed_amount,
        steps.min_amount,
        steps.max_amount,
        steps.is_cost,
        steps.is_amount_kept,
        {%- if is_measured %}
        steps.agreement_version_id,
        steps.agreement_id,
        steps.item_id,
        steps.receiver_party_id,
        steps.currency_code,
        steps.fixed_per,
        steps.tier_mode,
        steps.tier_of,
        steps.measured_over,
        steps.settlement_trigger,
        steps.measure_currency_code,
        steps.measure_factor,
        {%- endif %}
        case when steps.base_place is null then lines.hop_base else lines.amounts[steps.base_place] end as hop_base,
        case when steps.base_place is null then lines.hop_left else lines.amounts[steps.base_place] end as hop_left
    from {{ lines }} as lines
    inner join {{ steps }} as steps on lines.path_id = steps.path_id
    where steps.pass_number = {{ pass_number }} and {{ 'steps.is_measured' if is_measured else 'not steps.is_measured' }}
    offset 0
{%- endmacro %}

{# What a step is taken of. On a credit the higher of two is the larger credit, so that it takes back what the charge gave. #}
{% macro share_basis() -%}
    case
        when basis_choice is null then {{ share_one_basis('basis_place') }}
        when (basis_choice = 'higher') = (hop_base >= 0) then greatest({{ share_one_basis('basis_place') }}, {{ share_one_basis('other_basis_place') }})
        else least({{ share_one_basis('basis_place') }}, {{ share_one_basis('other_basis_place') }})
    end
{%- endmacro %}

{% macro share_one_basis(place) -%}
    case {{ place }} when 0 then hop_base when -1 then hop_left else amounts[{{ place }}] end
{%- endmacro %}

{% macro share_direction() -%}
    (case when hop_base < 0 then -1 when hop_base > 0 or is_cost then 1 else 0 end)
{%- endmacro %}

{# min and max per line, then never more than what is left of the hop, unless it is a cost; a null limit is none. #}
{% macro share_within_limits(raw_amount) -%}
    case
        when hop_base >= 0
            then least(greatest(least({{ raw_amount }}, max_amount), min_amount), case when not is_cost then greatest(hop_left, 0) end)
        else greatest(least(greatest({{ raw_amount }}, -max_amount), -min_amount), case when not is_cost then least(hop_left, 0) end)
    end
{%- endmacro %}
