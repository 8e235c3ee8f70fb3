{{ config(materialized='table', post_hook="analyze {{ this }}") }}

{#
    The shares that a settlement run settles, exact, each with the month in which the trigger of its agreement puts it; and what partners
    owe each other for usage, as shares of hop 0 that no line is behind.

    Shares of posted bill runs: of its cycle, of months up to its period's last, and in no posted settlement yet. So what came after its
    own period was closed is in the next one. And shares that it makes from posted ones. A bill run settles its own shares, those of
    agreements with cycle bill_run and what belongs to no agreement: int_share_totals sums them as they are.
#}

with

versions_to_settle as (

    select * from {{ ref('int_versions_to_settle') }}

),

-- Shares name terms as their own book had them.
steps_of_all_books as (

    select * from {{ source('catalog', 'agreement_steps') }}

),

shares as (

    select * from {{ ref('int_posted_shares') }}

),

bill_runs as (

    select * from {{ source('control', 'bill_runs') }}

),

settled_shares as (

    select * from {{ ref('stg_ledger__settled_shares') }}

),

adjusted_shares as (

    select * from {{ ref('int_shares_adjusted') }}

),

dated_shares as (

    select
        shares.*,
        versions_to_settle.agreement_version_id as present_version_id,
        versions_to_settle.period_last_date,
        cast(date_trunc('month', case versions_to_settle.settlement_trigger
            when 'consumed' then shares.covered_from at time zone versions_to_settle.time_zone
            else bill_runs.period_end at time zone versions_to_settle.time_zone - interval '1 day'
        end) as date) as month_from
    from shares
    inner join versions_to_settle on shares.agreement_version_id = versions_to_settle.shared_version_id
    inner join bill_runs
        on shares.bill_run_id = bill_runs.bill_run_id
        and bill_runs.lane = 'build'
        and bill_runs.state = 'posted'
    -- What is settled as it is collected comes as adjusted shares, part by part.
    where versions_to_settle.settlement_trigger in ('billed', 'consumed') and not versions_to_settle.is_adjusted_only

)

select
    dated_shares.bill_run_id as source_bill_run_id,
    dated_shares.line_key,
    dated_shares.month_from,
    dated_shares.terms_id,
    dated_shares.step_number,
    steps_of_all_books.hop_base_step_number,
    dated_shares.hop_number,
    dated_shares.present_version_id as agreement_version_id,
    dated_shares.agreement_id,
    dated_shares.item_id,
    dated_shares.payer_party_id,
    dated_shares.receiver_party_id,
    dated_shares.currency_code,
    dated_shares.tax_category,
    dated_shares.amount_exact,
    cast(null as text) as reason
from dated_shares
left join steps_of_all_books
    on dated_shares.terms_id = steps_of_all_books.terms_id
    and dated_shares.step_number = steps_of_all_books.step_number
left join settled_shares
    on dated_shares.bill_run_id = settled_shares.source_bill_run_id
    and dated_shares.agreement_id = settled_shares.agreement_id
    and dated_shares.month_from = settled_shares.month_from
    and dated_shares.currency_code = settled_shares.currency_code
where dated_shares.month_from <= dated_shares.period_last_date and settled_shares.agreement_id is null

union all

select
    adjusted_shares.source_bill_run_id,
    adjusted_shares.line_key,
    cast(null as date),
    adjusted_shares.terms_id,
    adjusted_shares.step_number,
    steps_of_all_books.hop_base_step_number,
    adjusted_shares.hop_number,
    adjusted_shares.agreement_version_id,
    adjusted_shares.agreement_id,
    adjusted_shares.item_id,
    adjusted_shares.payer_party_id,
    adjusted_shares.receiver_party_id,
    adjusted_shares.currency_code,
    adjusted_shares.tax_category,
    adjusted_shares.amount_exact,
    adjusted_shares.reason
from adjusted_shares
left join steps_of_all_books
    on adjusted_shares.terms_id = steps_of_all_books.terms_id
    and adjusted_shares.step_number = steps_of_all_books.step_number
