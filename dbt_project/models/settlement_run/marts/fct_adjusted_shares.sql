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

-- Terms that were amended back again: what the first amendment gave is taken back.
amended_back as (

    select distinct on (
        posted_adjustments.source_bill_run_id, posted_adjustments.line_key, posted_adjustments.agreement_id, posted_adjustments.item_id,
        posted_adjustments.payer_party_id, posted_adjustments.receiver_party_id
    )
        posted_adjustments.reason,
        posted_adjustments.source_bill_run_id,
        posted_adjustments.line_key,
        posted_adjustments.terms_id,
        posted_adjustments.step_number,
        posted_adjustments.hop_number,
        versions.agreement_version_id,
        posted_adjustments.agreement_id,
        posted_adjustments.item_id,
        posted_adjustments.payer_party_id,
        posted_adjustments.receiver_party_id,
        posted_adjustments.is_kept,
        posted_adjustments.currency_code,
        posted_adjustments.tax_category,
        posted_adjustments.base_exact,
        cast(0 as numeric(38, 16)) as target_exact
    from posted_adjustments
    inner join versions on posted_adjustments.agreement_version_id = versions.shared_version_id
    left join shares_back_dated
        using (reason, source_bill_run_id, line_key, agreement_id, item_id, payer_party_id, receiver_party_id)
    where posted_adjustments.reason = 'back_dated' and shares_back_dated.line_key is null
    order by
        posted_adjustments.source_bill_run_id, posted_adjustments.line_key, posted_adjustments.agreement_id, posted_adjustments.item_id,
        posted_adjustments.payer_party_id, posted_adjustments.receiver_party_id, posted_adjustments.bill_run_id desc

),

targets as (

    select * from shares_collected
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
