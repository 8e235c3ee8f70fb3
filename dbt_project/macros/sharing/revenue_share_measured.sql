{#
    A step whose amount depends on the lines of a period: tiers, and fixed amounts per product, customer or period.

    Its lines stand in a fixed order (start, key). Each moves what is measured from `before` to `after`, and gets R(after) - R(before)
    of the tiers' function R, so that the lines add up to R of the total, as the events of a tariff add up to T. Whole-volume tiers take
    the rate that the total reaches. A fixed amount is given out as far as the lines reach, in their order.

    What posted runs measured in the same period comes before (share_openings), so that a year goes on from month to month.

    Measured per agreement version, item, receiver and period, in the item's currency, or per currency of the lines.
#}
{% macro revenue_share_measured(lines, steps, shared_lines, tiers, pass_number) -%}
    {%- set scope = 'agreement_version_id, item_id, receiver_party_id, measure_currency_code, measured_from' -%}
    {%- set line_order = 'covered_from, line_key' -%}
    select
        line_key,
        path_id,
        {{ pass_number }} as pass_number,
        hop_base,
        amount,
        hop_left - amount as hop_left,
        case when is_amount_kept then amounts || amount else amounts end as amounts,
        measured
    from (
        select
            line_key,
            path_id,
            hop_base,
            hop_left,
            amounts,
            is_amount_kept,
            -- What later runs of the period go on from; who was counted is not a sum.
            case when rule = 'tiers' and tier_of <> 'customers' then measured end as measured,
            {{ share_within_limits('measured_amount') }} as amount
        from (
        select
            counted.*,
            trunc(
                case
                    when counted.rule = 'fixed_once' then counted.fixed_given
                    when counted.tier_mode = 'whole_volume'
                        then reached_tier.rate * case when reached_tier.is_percent then counted.basis_amount else counted.measured end
                    when not after_tier.is_percent
                        then ({{ share_reached('counted.measured_after', 'after_tier') }} - {{ share_reached('counted.measured_before', 'before_tier') }})
                            * case when counted.tier_of = 'customers' then counted.measured else 1 end
                    when counted.span = 0 then after_tier.rate * counted.basis_amount
                    -- The basis is what is measured: nothing is divided.
                    when counted.tier_of = 'revenue' and counted.measure_factor = 1
                        then {{ share_reached('counted.measured_after', 'after_tier') }} - {{ share_reached('counted.measured_before', 'before_tier') }}
                    else {{ int_div(
                        '1e16 * counted.basis_amount * (' ~ share_reached('counted.measured_after', 'after_tier') ~ ' - '
                        ~ share_reached('counted.measured_before', 'before_tier') ~ ')',
                        'counted.span'
                    ) }} * 1e-16
                end,
                16
            ) as measured_amount
        from (
            select
                *,
                case
                    when rule <> 'fixed_once' then null
                    when is_cost then fixed_amount * case when line_in_scope = 1 then {{ share_direction() }} else 0 end
                    else least(fixed_amount, reached_left) - least(fixed_amount, reached_left - left_to_give)
                end as fixed_given,
                measured_after - measured_before as span
            from (
                select
                    *,
                    case
                        when tier_of = 'customers' then dense_rank() over (partition by {{ scope }} order by customer_from, customer_party_id)
                        else opening_measured + sum(measured) over (partition by {{ scope }} order by {{ line_order }} rows unbounded preceding)
                    end as measured_after,
                    case
                        when tier_of = 'customers' then dense_rank() over (partition by {{ scope }} order by customer_from, customer_party_id) - 1
                        else opening_measured + sum(measured) over (partition by {{ scope }} order by {{ line_order }} rows unbounded preceding) - measured
                    end as measured_before,
                    opening_measured + sum(measured) over (partition by {{ scope }}) as measured_total,
                    row_number() over (partition by {{ scope }}, fixed_scope order by {{ line_order }}) as line_in_scope,
                    sum(left_to_give) over (partition by {{ scope }}, fixed_scope order by {{ line_order }} rows unbounded preceding) as reached_left
                from (
                    select
                        *,
                        case
                            when tier_of = 'revenue' then trunc(basis_amount * measure_factor, 16)
                            when tier_of = 'quantity' then amounts[4]
                            -- Each customer counts once, with the first of its lines.
                            when line_of_customer = 1 then 1
                            else 0
                        end as measured
                    from (
                        select
                            measured_lines.*,
                            coalesce(share_openings.measured_before_run, 0) as opening_measured,
                            row_number() over (
                                partition by {{ scope }}, customer_party_id order by {{ line_order }}
                            ) as line_of_customer,
                            min(covered_from) over (partition by {{ scope }}, customer_party_id) as customer_from,
                            case fixed_per when 'product' then product_id when 'customer' then customer_party_id else '' end as fixed_scope,
                            case when hop_base >= 0 then greatest(hop_left, 0) else 0 end as left_to_give
                        from (
                            select
                                based.*,
                                {{ share_basis() }} as basis_amount,
                                shared_lines.customer_party_id,
                                shared_lines.product_id,
                                shared_lines.covered_from,
                                date_trunc(
                                    based.measured_over,
                                    case based.settlement_trigger when 'consumed' then shared_lines.consumed_on else shared_lines.billed_on end
                                ) as measured_from
                            from (
                                {{ revenue_share_lines(lines, steps, pass_number, is_measured=true) }}
                            ) as based
                            inner join {{ shared_lines }} as shared_lines on based.line_key = shared_lines.line_key
                        ) as measured_lines
                        left join share_openings
                            on measured_lines.agreement_id = share_openings.opening_agreement_id
                            and measured_lines.item_id = share_openings.opening_item_id
                            and measured_lines.receiver_party_id = share_openings.opening_receiver_party_id
                            and measured_lines.measure_currency_code = share_openings.opening_currency_code
                            and measured_lines.measured_over = share_openings.opening_measured_over
                            and measured_lines.measured_from = share_openings.opening_measured_from
                    ) as with_customers
                ) as with_measures
            ) as in_order
        ) as counted
        {{ share_tier_join('after_tier', 'counted.measured_after', tiers) }}
        {{ share_tier_join('before_tier', 'counted.measured_before', tiers) }}
        {{ share_tier_join('reached_tier', 'counted.measured_total', tiers) }}
        ) as lines_with_measures
        offset 0
    ) as lines_with_amounts
{%- endmacro %}

{# R at a place that a tier holds. #}
{% macro share_reached(measure, tier) -%}
    ({{ tier }}.reached + {{ tier }}.rate * ({{ measure }} - {{ tier }}.offset_measure))
{%- endmacro %}

{% macro share_tier_join(alias, measure, tiers) -%}
    left join {{ tiers }} as {{ alias }}
        on counted.agreement_version_id = {{ alias }}.agreement_version_id
        and counted.item_id = {{ alias }}.item_id
        and counted.currency_code = {{ alias }}.currency_code
        and {{ measure }} > {{ alias }}.from_measure
        and {{ measure }} <= {{ alias }}.until_measure
{%- endmacro %}
