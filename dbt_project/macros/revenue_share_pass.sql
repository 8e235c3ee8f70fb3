{#
    One step of each line's waterfall, for the lines whose agreement has a step at this place.

    basis     after_discount_ex_tax: what the hop shares out; remaining: what the hop's earlier steps left of it;
              item: the amount of another step
    rule      percent of the basis, cut to 16 decimals; per_unit: amount per billed unit; remaining: all that is left
    The rest absorbs what the cuts left over, so a hop's steps add up to its base exactly.

    `offset 0` keeps PostgreSQL from writing an expression again at each place that uses its result.
#}
{% macro revenue_share_pass(lines, steps, pass_number) -%}
    select
        line_key,
        currency_code,
        line_amount,
        billed_quantity_minor,
        resolution_id,
        {{ pass_number }} as pass_number,
        hop_base,
        amount,
        hop_left - amount as hop_left,
        amounts || amount as amounts
    from (
        select
            *,
            case rule
                when 'percent' then trunc(
                    case basis when 'remaining' then hop_left when 'item' then amounts[basis_pass_number] else hop_base end
                    * percent * 0.01, 16
                )
                when 'per_unit' then unit_amount * billed_quantity_minor
                when 'remaining' then hop_left
            end as amount
        from (
            select
                lines.line_key,
                lines.currency_code,
                lines.line_amount,
                lines.billed_quantity_minor,
                lines.resolution_id,
                lines.amounts,
                steps.basis,
                steps.basis_pass_number,
                steps.rule,
                steps.percent,
                steps.unit_amount,
                case
                    when not steps.starts_hop then lines.hop_base
                    when steps.base_pass_number is null then lines.line_amount
                    else lines.amounts[steps.base_pass_number]
                end as hop_base,
                case
                    when not steps.starts_hop then lines.hop_left
                    when steps.base_pass_number is null then lines.line_amount
                    else lines.amounts[steps.base_pass_number]
                end as hop_left
            from {{ lines }} as lines
            inner join {{ steps }} as steps on lines.resolution_id = steps.resolution_id
            where steps.pass_number = {{ pass_number }}
            offset 0
        ) as lines_with_bases
        offset 0
    ) as lines_with_shares
{%- endmacro %}
