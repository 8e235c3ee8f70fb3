{{ config(materialized='table', post_hook='analyze {{ this }}') }}

{#
    What buckets of money paid of each usage line: the cost of its events, in the order of time whoever caused them, until a bucket is
    empty; then from the next one. A run without such allowances reads no event.
#}
{%- set passes = bucket_pass_count('money') -%}
{%- if passes == 0 %}

select
    cast(null as integer) as product_number,
    cast(null as integer) as price_version_id,
    cast(null as integer) as price_override_id,
    cast(null as integer) as terms_id,
    cast(null as boolean) as is_late,
    cast(null as integer) as bucket_number,
    cast(null as integer) as pass_number,
    cast(null as numeric(38, 16)) as paid_exact
where false
{%- else %}

with

rated_usage as (

    select * from {{ ref('fct_rated_usage') }}

),

bucket_draws as (

    select * from {{ ref('int_bucket_draws') }}
    where coalesce(money_1_number, money_2_number, money_3_number) is not null

),

price_sets as (

    select distinct
        prices.price_version_id,
        draws.allowance_set_number
    from {{ ref('int_allowance_draws') }} as draws
    inner join {{ ref('stg_catalog__prices') }} as prices
        on draws.charged_offering_id = prices.offering_id and draws.price_id = prices.price_id
    where draws.is_money

),

open_0 as (

    select
        rated_usage.event_at,
        rated_usage.event_key,
        rated_usage.product_number,
        rated_usage.price_version_id,
        rated_usage.price_override_id,
        rated_usage.terms_id,
        rated_usage.is_late,
        {%- for number in range(1, passes + 1) %}
        bucket_draws.money_{{ number }}_number,
        cast(bucket_draws.money_{{ number }}_limit_units * 0.0000000001 as numeric(38, 16)) as money_{{ number }}_limit_exact,
        {%- endfor %}
        rated_usage.amount_exact as open_0_exact
    from rated_usage
    inner join price_sets on rated_usage.price_version_id = price_sets.price_version_id
    inner join bucket_draws
        on
            rated_usage.product_number = bucket_draws.product_number
            and price_sets.allowance_set_number = bucket_draws.allowance_set_number
            and rated_usage.event_at >= bucket_draws.effective_from
            and rated_usage.event_at < bucket_draws.effective_until

),
{% for number in range(1, passes + 1) %}
totals_{{ number }} as (

    select
        *,
        cast(sum(open_{{ number - 1 }}_exact) over (
            partition by money_{{ number }}_number
            order by event_at, event_key
            rows between unbounded preceding and current row
        ) as numeric(38, 16)) as after_{{ number }}_exact
    from open_{{ number - 1 }}

),

paid_{{ number }} as (

    select
        *,
        case
            when money_{{ number }}_number is null then 0
            else {{ paid_amount('after_' ~ number ~ '_exact', 'open_' ~ (number - 1) ~ '_exact', 'money_' ~ number ~ '_limit_exact') }}
        end as paid_{{ number }}_exact
    from totals_{{ number }}

),

open_{{ number }} as (

    select
        *,
        open_{{ number - 1 }}_exact - paid_{{ number }}_exact as open_{{ number }}_exact
    from paid_{{ number }}

),
{% endfor %}
payments as (
    {% for number in range(1, passes + 1) %}
    select
        product_number,
        price_version_id,
        price_override_id,
        terms_id,
        is_late,
        money_{{ number }}_number as bucket_number,
        {{ number }} as pass_number,
        paid_{{ number }}_exact as paid_exact
    from open_{{ passes }}
    {{ "union all" if not loop.last }}
    {%- endfor %}

)

select
    product_number,
    price_version_id,
    price_override_id,
    terms_id,
    is_late,
    bucket_number,
    pass_number,
    cast(sum(paid_exact) as numeric(38, 16)) as paid_exact
from payments
where paid_exact <> 0
group by product_number, price_version_id, price_override_id, terms_id, is_late, bucket_number, pass_number
{%- endif %}
