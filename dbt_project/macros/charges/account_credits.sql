{# Whether a coupon or credit is for a line: it covers some of the line's time, and the line is in each list that is given.
   A part of a bundle is a line of its component and of the bundle. #}
{% macro is_covered_line(credit, line) -%}
    (
        {{ line }}.covered_until > {{ credit }}.effective_from
        and {{ line }}.covered_from < coalesce({{ credit }}.effective_until, {{ end_of_time() }})
        and ({{ credit }}.covered_product_ids is null or {{ line }}.product_id = any({{ credit }}.covered_product_ids))
        and (
            {{ credit }}.covered_offering_ids is null
            or {{ line }}.offering_id = any({{ credit }}.covered_offering_ids)
            or {{ line }}.bundle_offering_id = any({{ credit }}.covered_offering_ids)
        )
        and ({{ credit }}.covered_price_ids is null or {{ line }}.price_id = any({{ credit }}.covered_price_ids))
        and ({{ credit }}.covered_charge_kinds is null or {{ line }}.charge_kind = any({{ credit }}.covered_charge_kinds))
    )
{%- endmacro %}
