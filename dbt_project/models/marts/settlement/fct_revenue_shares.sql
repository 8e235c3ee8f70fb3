{{ config(pre_hook=sharing_session(), post_hook="analyze {{ this }}") }}

{#
    Every share of every line, exact. One pass per step of a chain, written out at compile time: a pass takes the lines of
    the pass before that have a further step, so a pass without steps reads nothing. Carried along per line: what the hop
    shares out, what is left of it, and the amounts of the earlier steps for items and hops that build on them.
#}

{% set pass_count = var('max_share_steps', 64) %}

with

lines as not materialized (

    select * from {{ ref('fct_applied_billing_rates') }}

),

run as (

    select * from {{ ref('int_run') }}

),

currencies as (

    select * from {{ ref('stg_catalog__currencies') }}

),

terms_with_roles as (

    select * from {{ ref('int_terms_with_roles') }}

),

resolutions as (

    select * from {{ ref('int_agreement_resolutions') }}

),

steps as materialized (

    select * from {{ ref('int_resolved_steps') }}

),

lines_with_keys as (

    select
        lines.line_key,
        lines.terms_id,
        lines.currency_code,
        cast(lines.amount_minor as numeric) as line_amount,
        lines.billed_quantity * {{ minor_units_per_major('currencies.minor_digits') }} as billed_quantity_minor,
        {{ role_seller('lines') }} as seller_party_id,
        {{ role_date('lines') }} as role_date
    from lines
    inner join currencies on lines.currency_code = currencies.currency_code
    left join terms_with_roles on lines.terms_id = terms_with_roles.terms_id

),

pass_0 as (

    select
        lines_with_keys.line_key,
        lines_with_keys.currency_code,
        lines_with_keys.line_amount,
        lines_with_keys.billed_quantity_minor,
        resolutions.resolution_id,
        cast(null as integer) as pass_number,
        lines_with_keys.line_amount as hop_base,
        cast(null as numeric) as amount,
        lines_with_keys.line_amount as hop_left,
        cast(array[] as numeric []) as amounts
    from lines_with_keys
    inner join resolutions
        on lines_with_keys.terms_id = resolutions.terms_id
        and lines_with_keys.seller_party_id = resolutions.seller_party_id
        and lines_with_keys.role_date = resolutions.role_date

),

{% for pass_number in range(1, pass_count + 1) %}
pass_{{ pass_number }} as materialized (

    {{ revenue_share_pass('pass_' ~ (pass_number - 1), 'steps', pass_number) }}

),

{% endfor %}
shares as (

    {% for pass_number in range(1, pass_count + 1) %}
    select line_key, currency_code, resolution_id, pass_number, hop_base, amount from pass_{{ pass_number }}
    {{ 'union all' if not loop.last }}
    {% endfor %}

),

shares_by_agreement as (

    select
        (select run.bill_run_id from run) as bill_run_id,
        shares.line_key,
        steps.hop_number,
        steps.step_number,
        steps.terms_id,
        steps.agreement_version_id,
        steps.agreement_id,
        steps.item_id,
        steps.payer_party_id,
        steps.receiver_party_id,
        steps.is_kept,
        shares.currency_code,
        steps.tax_category,
        cast(shares.hop_base as numeric(38, 16)) as base_exact,
        cast(shares.amount as numeric(38, 16)) as amount_exact
    from shares
    inner join steps
        on shares.resolution_id = steps.resolution_id
        and shares.pass_number = steps.pass_number

),

lines_without_agreement as (

    select
        (select run.bill_run_id from run) as bill_run_id,
        lines.line_key,
        0 as hop_number,
        0 as step_number,
        cast(null as integer) as terms_id,
        cast(null as integer) as agreement_version_id,
        cast(null as text) as agreement_id,
        cast('own' as text) as item_id,
        (select run.operator_party_id from run) as payer_party_id,
        (select run.operator_party_id from run) as receiver_party_id,
        true as is_kept,
        lines.currency_code,
        lines.tax_category,
        cast(lines.amount_minor as numeric(38, 16)) as base_exact,
        cast(lines.amount_minor as numeric(38, 16)) as amount_exact
    from lines
    where lines.terms_id is null

)

select * from shares_by_agreement
union all
select * from lines_without_agreement
