{# Key of the bill of one account and legal entity in the run's period. Takes the names of the two relations in the query. #}
{% macro bill_key(lines, run) -%}
    {{ natural_key([
        "'bill'", lines ~ '.account_id', lines ~ '.legal_entity_id', run ~ '.period_id', run ~ '.run_sequence'
    ]) }}
{%- endmacro %}

{# Minor units of one currency into another's, rounded once, half away from zero: 1000 JPY (0 digits) at 0.0061 = EUR 6.10,
   convert_minor('1000', '0.0061', '0', '2') = 610. `amount_minor` may be exact, that is, have decimals. #}
{% macro convert_minor(amount_minor, fx_rate, from_minor_digits, to_minor_digits) -%}
    cast({{ ratio_round(
        '(' ~ amount_minor ~ ') * (' ~ fx_rate ~ ') * (' ~ minor_units_per_major(to_minor_digits) ~ ')',
        '(' ~ minor_units_per_major(from_minor_digits) ~ ')',
        0
    ) }} as bigint)
{%- endmacro %}
