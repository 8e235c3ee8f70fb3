{#
    Whether an agreement has a problem in this run, so that nothing of it is settled until a later one: not_parked('shares.agreement_id').
    An array of the few there are, worked out once per statement; what belongs to no agreement is never parked.
#}
{% macro not_parked(agreement_id) -%}
    coalesce({{ agreement_id }} <> all (array(select problems.agreement_id from {{ ref('int_agreement_problems') }} as problems)), true)
{%- endmacro %}
