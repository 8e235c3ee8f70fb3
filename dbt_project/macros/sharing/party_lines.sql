{# Lines of agreements' tariffs in the form of shares: no terms and no step, hop 0, minor units of the currency, exact. #}
{% macro party_lines_as_shares(party_lines, currencies) -%}
    select
        {{ party_lines }}.bill_run_id,
        {{ party_lines }}.line_key,
        null,
        null,
        0,
        {{ party_lines }}.agreement_version_id,
        {{ party_lines }}.agreement_id,
        {{ party_lines }}.tariff_id,
        {{ party_lines }}.payer_party_id,
        {{ party_lines }}.receiver_party_id,
        {{ party_lines }}.currency_code,
        {{ party_lines }}.tax_category,
        cast({{ party_lines }}.amount_exact * {{ minor_units_per_major(currencies ~ '.minor_digits') }} as numeric(38, 16)),
        {{ party_lines }}.covered_from
    from {{ party_lines }}
    inner join {{ currencies }} on {{ party_lines }}.currency_code = {{ currencies }}.currency_code
{%- endmacro %}
