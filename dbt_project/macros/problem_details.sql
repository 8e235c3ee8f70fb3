{# Sentences for parked accounts: what was looked for, what to load. One address each, so a reason reads the same everywhere. #}

{% macro missing_rate_detail(from_currency, to_currency, fx_source, issue_date) -%}
    format(
        'no exchange rate %s to %s in source %s on its last published day before %s, not older than {{ var("fx_rate_age_limit_days", 10) }} days; load the rates of that day',
        {{ from_currency }}, {{ to_currency }}, {{ fx_source }}, {{ issue_date }}
    )
{%- endmacro %}

{% macro missing_withholding_rule_detail(payment_class, payer_country, receiver_country) -%}
    format(
        'payments of class %s from %s to %s have no rule on the issue date; add one to withholding in operator.yaml',
        {{ payment_class }}, {{ payer_country }}, {{ receiver_country }}
    )
{%- endmacro %}

{% macro missing_tax_rule_detail(supplier_country, receiver_country, receiver_status, tax_category, issue_date) -%}
    format(
        'no tax rule for supplier %s, receiver %s (%s), category %s in force on %s; add a row to taxes.csv',
        {{ supplier_country }}, {{ receiver_country }}, {{ receiver_status }}, {{ tax_category }}, {{ issue_date }}
    )
{%- endmacro %}
