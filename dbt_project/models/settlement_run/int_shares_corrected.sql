{{ config(materialized='ephemeral') }}

{#
    What each posted share should have lost by corrections of its line up to the period's last day: - share * corrected / line. A credit
    note of 100 on a line of 1,000 takes back a tenth of everybody's share; a debit note gives. Shares that are settled as they are
    collected need none: what is credited is never collected.
#}

with

run as (

    select * from {{ ref('int_run') }}

),

versions as (

    select * from {{ ref('int_versions_to_settle') }}
    where settlement_trigger <> 'collected'

),

corrected_lines as (

    select
        posted_lines.bill_run_id,
        posted_lines.line_key,
        posted_lines.amount_minor as line_minor,
        cast(sum(corrections.amount_minor) as bigint) as corrected_minor
    from {{ source('ledger', 'line_corrections') }} as corrections
    inner join run on corrections.corrected_on <= run.period_last_date
    inner join {{ ref('stg_ledger__posted_lines') }} as posted_lines on corrections.line_key = posted_lines.line_key
    where corrections.state = 'applied'
    group by posted_lines.bill_run_id, posted_lines.line_key, posted_lines.amount_minor

),

shares as (

    select * from {{ source('published', 'fct_revenue_shares') }}

)

select
    'corrected' as reason,
    shares.bill_run_id as source_bill_run_id,
    shares.line_key,
    shares.terms_id,
    shares.step_number,
    shares.hop_number,
    versions.agreement_version_id,
    shares.agreement_id,
    shares.item_id,
    shares.payer_party_id,
    shares.receiver_party_id,
    shares.is_kept,
    shares.currency_code,
    shares.tax_category,
    shares.amount_exact as base_exact,
    cast(- {{ int_div(
        '1e16 * shares.amount_exact * corrected_lines.corrected_minor * sign(cast(corrected_lines.line_minor as numeric))',
        'abs(corrected_lines.line_minor)'
    ) }} * 1e-16 as numeric(38, 16)) as target_exact
from corrected_lines
inner join shares
    on corrected_lines.bill_run_id = shares.bill_run_id
    and corrected_lines.line_key = shares.line_key
inner join versions on shares.agreement_version_id = versions.shared_version_id
