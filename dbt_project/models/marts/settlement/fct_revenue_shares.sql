{{ config(pre_hook=sharing_session(), post_hook="analyze {{ this }} (line_key, agreement_version_id, terms_id, payer_party_id, receiver_party_id, currency_code, hop_number, step_number)") }}

{#
    Every share of every line, exact. One pass per step of the longest chain of the run, written out at compile time: a pass takes the lines of
    the pass before that have a further step, so a pass without steps reads nothing. Carried along per line: what the hop
    shares out, what is left of it, and the amounts of the earlier steps for items and hops that build on them.
#}

{% set pass_count = passes_needed('int_share_steps', 'pass_number', var('max_share_steps', 96)) %}
{% set measured_passes = passes_with('int_share_steps', 'pass_number', 'is_measured', range(1, pass_count + 1) | list) %}
with

lines as not materialized (

    select * from {{ ref('int_shared_lines') }}

),

run as (

    select * from {{ ref('int_run') }}

),

terms_with_roles as (

    select * from {{ ref('int_terms_with_roles') }}

),

paths as (

    select * from {{ ref('int_share_paths') }}

),

-- A table that knows its own statistics: the planner then hashes the few steps of a pass, not the many lines.
steps as not materialized (

    select * from {{ ref('int_share_steps') }}

),

tiers as not materialized (

    select * from {{ ref('int_share_tiers') }}

),

share_openings as not materialized (

    select
        agreement_id as opening_agreement_id,
        item_id as opening_item_id,
        receiver_party_id as opening_receiver_party_id,
        currency_code as opening_currency_code,
        measured_over as opening_measured_over,
        measured_from as opening_measured_from,
        measured as measured_before_run
    from {{ ref('int_share_openings') }}

),

-- Lines whose terms name no role have one path per currency; the others by who sold them on which day. Apart, because the
-- planner knows the columns of the first and would guess that computed keys match almost nothing.
lines_with_paths as (

    select lines.*, paths.path_id
    from lines
    inner join paths
        on lines.terms_id = paths.terms_id
        and lines.currency_code = paths.currency_code
    where paths.seller_party_id = ''

    union all

    select lines.*, paths.path_id
    from lines
    inner join terms_with_roles on lines.terms_id = terms_with_roles.terms_id
    inner join paths
        on lines.terms_id = paths.terms_id
        and lines.currency_code = paths.currency_code
        and {{ role_seller('lines') }} = paths.seller_party_id
        and {{ role_content_provider('lines') }} = paths.content_provider_party_id
        and {{ role_date('lines') }} = paths.role_date

),

pass_0 as materialized (

    select
        line_key,
        path_id,
        cast(null as integer) as pass_number,
        line_amount + borne_amount as hop_base,
        cast(null as numeric) as amount,
        line_amount + borne_amount as hop_left,
        cast(array[line_amount, list_amount, before_discount_amount, billed_quantity] as numeric []){{ " || cast(tariff_amounts as numeric [])" if has_rows('stg_catalog__agreement_steps', "rule = 'tariff'") }} as amounts,
        cast(null as numeric) as measured
    from lines_with_paths

),

{% for pass_number in range(1, pass_count + 1) %}
pass_{{ pass_number }} as materialized (

    {{ revenue_share_pass('pass_' ~ (pass_number - 1), 'steps', 'lines', 'tiers', pass_number, measured_passes) }}

),

{% endfor %}
shares as (

    {% for pass_number in range(1, pass_count + 1) %}
    select line_key, path_id, pass_number, hop_base, amount, amounts[1] as line_amount, measured from pass_{{ pass_number }}
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
        steps.currency_code,
        steps.tax_category,
        -- A discount that one party bears is shared on top, and is a share of its own: together they are the line.
        cast(case when steps.hop_number = 1 then shares.line_amount else shares.hop_base end as numeric(38, 16)) as base_exact,
        cast(shares.amount as numeric(38, 16)) as amount_exact,
        cast(shares.measured as numeric(38, 16)) as measured_exact
    from shares
    inner join steps
        on shares.path_id = steps.path_id
        and shares.pass_number = steps.pass_number
    where steps.rule <> 'none'

),

borne_discounts as (

    select
        (select run.bill_run_id from run) as bill_run_id,
        line_key,
        1 as hop_number,
        step_number,
        terms_id,
        agreement_version_id,
        agreement_id,
        cast('discount' as text) as item_id,
        payer_party_id,
        receiver_party_id,
        payer_party_id = receiver_party_id as is_kept,
        currency_code,
        tax_category,
        line_amount as base_exact,
        amount_exact,
        cast(null as numeric(38, 16)) as measured_exact
    from {{ ref('int_borne_discounts') }}

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
        lines.line_amount as base_exact,
        lines.line_amount as amount_exact,
        cast(null as numeric(38, 16)) as measured_exact
    from lines
    where lines.terms_id is null

)

select * from shares_by_agreement
union all
select * from borne_discounts
union all
select * from lines_without_agreement
