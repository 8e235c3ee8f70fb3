{#
    How many passes over buckets the rating needs: the highest that a bucket of this run has. A run without allowances makes none,
    so that plain prices pay nothing for it. While nothing is built, and in unit tests, all three are written out. Buckets of money
    (kind 'money') have passes of their own over what usage costs.
#}
{% macro bucket_pass_count(kind='bucket') -%}
    {%- set draws = ref('int_bucket_draws') -%}
    {#- A unit test's relation is a subquery of the test: it has no database. -#}
    {%- if not execute or flags.WHICH not in ('run', 'build') or draws.database is none -%}
        {{ return(3) }}
    {%- endif -%}
    {%- set relation = adapter.get_relation(draws.database, draws.schema, draws.identifier) -%}
    {%- if relation is none -%}
        {{ return(3) }}
    {%- endif -%}
    {%- set found = run_query(
        'select count(' ~ kind ~ '_1_number), count(' ~ kind ~ '_2_number), count(' ~ kind ~ '_3_number) from ' ~ draws
    ) -%}
    {%- set counts = found.rows[0].values() -%}
    {{ return(3 if counts[2] > 0 else 2 if counts[1] > 0 else 1 if counts[0] > 0 else 0) }}
{%- endmacro %}

{# Covered by a bucket: the cumulative quantity up to its limit; an event that crosses the limit is covered in part. #}
{% macro covered_units(after_units, quantity_units, limit_units) -%}
    (least({{ after_units }}, {{ limit_units }}) - least({{ after_units }} - {{ quantity_units }}, {{ limit_units }}))
{%- endmacro %}

{# The passes as common table expressions after `source`: open_<n>_units is what n passes left of the quantity. #}
{% macro bucket_pass_ctes(source, passes) -%}
open_0 as (

    -- Free units of a price are for usage without allowance.
    select
        *,
        quantity_units as open_0_units
    from {{ source }}

),
{% for number in range(1, passes + 1) %}
totals_{{ number }} as (

    select
        *,
        cast({{ running_sum('open_' ~ (number - 1) ~ '_units') }} over (
            partition by pool_number, bucket_{{ number }}_number
            order by event_at, event_key
            rows between unbounded preceding and current row
        ) as bigint) as bucket_{{ number }}_after_units
    from open_{{ number - 1 }}

),

open_{{ number }} as (

    select
        *,
        case
            when bucket_{{ number }}_number is null then open_{{ number - 1 }}_units
            else open_{{ number - 1 }}_units - {{ covered_units(
                'bucket_' ~ number ~ '_after_units', 'open_' ~ (number - 1) ~ '_units', 'bucket_' ~ number ~ '_limit_units'
            ) }}
        end as open_{{ number }}_units
    from totals_{{ number }}

),
{% endfor -%}
{%- endmacro %}

{# What an event keeps of the passes; those that were not made leave nothing. #}
{% macro bucket_columns(passes) -%}
{{ 'bucket_1_number' if passes > 0 else 'cast(null as integer) as bucket_1_number' }},
    {%- for number in range(2, 4) %}
    {%- if number <= passes %}
    bucket_{{ number }}_number,
    case
        when bucket_{{ number }}_number is not null then open_{{ number - 1 }}_units - open_{{ number }}_units
    end as bucket_{{ number }}_units{{ "," if not loop.last }}
    {%- else %}
    cast(null as integer) as bucket_{{ number }}_number,
    cast(null as bigint) as bucket_{{ number }}_units{{ "," if not loop.last }}
    {%- endif %}
    {%- endfor %}
{%- endmacro %}

{# Who has a pool's bucket, as other systems know it: the product, account or group. #}
{% macro bucket_holder(pools) -%}
    case
        when {{ pools }}.shared_by = 'product' then split_part({{ pools }}.shared_id, '/', 1)
        else regexp_replace({{ pools }}.shared_id, '^group ', '')
    end
{%- endmacro %}

{# Decimals in which buckets of money count: nine hundred million of a currency fit a bigint. #}
{% macro money_allowance_scale() -%}10{%- endmacro %}

{# Paid from a bucket of money by an event that raises the cumulative cost: what the total is between nothing and the limit after it,
   less the same before it. 4.00, 5.00 and 3.00 from 10.00 are 4.00, 5.00 and 1.00; a reversal of 2.00 then gives nothing back, as
   12.00 and 10.00 both are the limit; one of 4.00 gives back 2.00. #}
{% macro paid_amount(after_exact, amount_exact, limit_exact) -%}
    (
        least(greatest({{ after_exact }}, 0), {{ limit_exact }})
        - least(greatest({{ after_exact }} - {{ amount_exact }}, 0), {{ limit_exact }})
    )
{%- endmacro %}

{# Personal allowances of products in `product_days`: of those in force in a product's period the latest counts, for all of it; of earlier
   periods, from which late usage draws, the one in force when they ended. One row per product and allowance. #}
{% macro allowance_overrides(product_days) -%}
    select
        {{ product_days }}.product_number,
        overrides.offering_id,
        overrides.allowance_id,
        (array_agg(overrides.quantity order by overrides.effective_from desc) filter (
            where coalesce(overrides.effective_until, {{ end_of_time() }}) > {{ product_days }}.period_start
        ))[1] as quantity,
        (array_agg(overrides.quantity order by overrides.effective_from desc) filter (
            where overrides.effective_from < {{ product_days }}.period_start
        ))[1] as late_quantity
    from {{ product_days }}
    inner join {{ source('inbox', 'allowance_overrides') }} as overrides
        on
            {{ product_days }}.product_id = overrides.product_id
            and overrides.effective_from < {{ product_days }}.period_end
            and coalesce(overrides.effective_until, {{ end_of_time() }}) >= {{ product_days }}.period_start
    group by {{ product_days }}.product_number, overrides.offering_id, overrides.allowance_id
{%- endmacro %}

{# Whole units of an allowance: a product's own quantity where it has one. #}
{% macro own_allowance(quantity, allowances) -%}
    coalesce(cast(floor({{ quantity }} * {{ power_of_ten(allowances ~ '.quantity_scale') }}) as bigint), {{ allowances }}.allowance_units)
{%- endmacro %}
