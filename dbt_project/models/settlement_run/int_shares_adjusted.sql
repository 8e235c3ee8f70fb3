{{ config(materialized='table', post_hook="analyze {{ this }}") }}

{#
    Shares that this settlement run makes from posted ones: what their targets have come to, less what earlier settlements gave.
    So each is settled in full in the end and never twice, however often payments, reversals or terms change in between.
#}

with

run as (

    select * from {{ ref('int_run') }}

),

versions as (

    select * from {{ ref('int_versions_to_settle') }}

),

shares_collected as (

    select * from {{ ref('int_shares_collected') }}

),

shares_back_dated as (

    select * from {{ ref('int_shares_back_dated') }}

),

bill_runs as (

    select * from {{ source('control', 'bill_runs') }}

),

posted_adjustments as (

    select adjusted_shares.*
    from {{ source('published', 'fct_adjusted_shares') }} as adjusted_shares
    inner join bill_runs
        on adjusted_shares.bill_run_id = bill_runs.bill_run_id
        and bill_runs.state = 'posted'

),

agreements_of_all_books as (

    select * from {{ source('catalog', 'agreements') }}

),

posted_shares as (

    select * from {{ source('published', 'fct_revenue_shares') }}

),

-- Terms that were amended back again: what the first amendment gave is taken back. What a volume gave under the line's own terms stays.
amended_before as (

    select distinct on (
        posted_adjustments.source_bill_run_id, posted_adjustments.line_key, posted_adjustments.agreement_id, posted_adjustments.item_id,
        posted_adjustments.payer_party_id, posted_adjustments.receiver_party_id
    )
        posted_adjustments.*,
        versions.agreement_version_id as present_version_id
    from posted_adjustments
    inner join versions on posted_adjustments.agreement_version_id = versions.shared_version_id
    inner join agreements_of_all_books as adjusted_versions
        on posted_adjustments.agreement_version_id = adjusted_versions.agreement_version_id
    where
        posted_adjustments.reason = 'back_dated'
        and not exists (
            select 1
            from posted_shares
            inner join agreements_of_all_books as shared_versions on posted_shares.agreement_version_id = shared_versions.agreement_version_id
            where
                posted_shares.bill_run_id = posted_adjustments.source_bill_run_id
                and posted_shares.line_key = posted_adjustments.line_key
                and shared_versions.agreement_id = adjusted_versions.agreement_id
                and shared_versions.version = adjusted_versions.version
        )
    order by
        posted_adjustments.source_bill_run_id, posted_adjustments.line_key, posted_adjustments.agreement_id, posted_adjustments.item_id,
        posted_adjustments.payer_party_id, posted_adjustments.receiver_party_id, posted_adjustments.bill_run_id desc

),

amended_back as (

    select
        amended_before.reason,
        amended_before.source_bill_run_id,
        amended_before.line_key,
        amended_before.terms_id,
        amended_before.step_number,
        amended_before.hop_number,
        amended_before.present_version_id,
        amended_before.agreement_id,
        amended_before.item_id,
        amended_before.payer_party_id,
        amended_before.receiver_party_id,
        amended_before.is_kept,
        amended_before.currency_code,
        amended_before.tax_category,
        amended_before.base_exact,
        cast(0 as numeric(38, 16)) as target_exact
    from amended_before
    left join shares_back_dated
        on amended_before.source_bill_run_id = shares_back_dated.source_bill_run_id
        and amended_before.line_key = shares_back_dated.line_key
        and amended_before.agreement_id = shares_back_dated.agreement_id
        and amended_before.item_id = shares_back_dated.item_id
        and amended_before.payer_party_id = shares_back_dated.payer_party_id
        and amended_before.receiver_party_id = shares_back_dated.receiver_party_id
    where shares_back_dated.line_key is null

),

targets as (

    select * from shares_collected
    union all
    select * from {{ ref('int_shares_corrected') }}
    union all
    select * from shares_back_dated
    union all
    select * from amended_back

),

adjusted_before as (

    select
        reason,
        source_bill_run_id,
        line_key,
        agreement_id,
        item_id,
        payer_party_id,
        receiver_party_id,
        cast(sum(amount_exact) as numeric(38, 16)) as given_exact
    from posted_adjustments
    group by reason, source_bill_run_id, line_key, agreement_id, item_id, payer_party_id, receiver_party_id

)

select
    run.bill_run_id,
    run.period_id,
    targets.reason,
    targets.source_bill_run_id,
    targets.line_key,
    targets.terms_id,
    targets.step_number,
    targets.hop_number,
    targets.agreement_version_id,
    targets.agreement_id,
    targets.item_id,
    targets.payer_party_id,
    targets.receiver_party_id,
    targets.is_kept,
    targets.currency_code,
    targets.tax_category,
    targets.base_exact,
    cast(targets.target_exact - coalesce(adjusted_before.given_exact, 0) as numeric(38, 16)) as amount_exact
from targets
cross join run
left join adjusted_before
    using (reason, source_bill_run_id, line_key, agreement_id, item_id, payer_party_id, receiver_party_id)
where targets.target_exact <> coalesce(adjusted_before.given_exact, 0)
