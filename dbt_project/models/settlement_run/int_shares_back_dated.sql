{{ config(materialized='table', post_hook="analyze {{ this }}") }}

{#
    What the partners of lines that are shared once more should get beside what the posted shares gave them: 72 percent instead of
    70 is +2 percent of the line for the partner and -2 for who keeps the rest. Together nothing, so the bill is not touched.
#}

with

lines as (

    select * from {{ ref('int_lines_to_reshare') }}

),

run as (

    select * from {{ ref('int_run') }}

),

run_scope as (

    select * from {{ ref('stg_lane__run_scope') }}

),

-- A true-up of what a bill run settled comes with the month.
agreements as (

    select agreements.*
    from {{ ref('stg_catalog__agreements') }} as agreements
    inner join run
        on agreements.settlement_cycle = run.settlement_cycle
        or (agreements.settlement_cycle = 'bill_run' and run.settlement_cycle = 'month')
    inner join run_scope on {{ settlement_account('agreements.agreement_id') }} = run_scope.account_id

),

-- The calendar of the version that a line was shared under need not be the run's: then another run settles it.
agreements_of_all_books as (

    select * from {{ source('catalog', 'agreements') }}

),

shares_now as (

    select shares.*, lines.source_bill_run_id
    from {{ ref('fct_revenue_shares') }} as shares
    inner join lines on shares.line_key = lines.line_key
    inner join agreements on shares.agreement_version_id = agreements.agreement_version_id

),

shares_before as (

    select
        shares.*,
        agreements.agreement_version_id as present_version_id
    from {{ source('published', 'fct_revenue_shares') }} as shares
    inner join lines
        on shares.bill_run_id = lines.source_bill_run_id
        and shares.line_key = lines.line_key
    inner join agreements_of_all_books on shares.agreement_version_id = agreements_of_all_books.agreement_version_id
    inner join agreements
        on agreements_of_all_books.agreement_id = agreements.agreement_id
        and agreements_of_all_books.version = agreements.version

),

shares_compared as (

    select
        coalesce(shares_now.source_bill_run_id, shares_before.bill_run_id) as source_bill_run_id,
        line_key,
        coalesce(shares_now.terms_id, shares_before.terms_id) as terms_id,
        coalesce(shares_now.step_number, shares_before.step_number) as step_number,
        coalesce(shares_now.hop_number, shares_before.hop_number) as hop_number,
        coalesce(shares_now.agreement_version_id, shares_before.present_version_id) as agreement_version_id,
        agreement_id,
        item_id,
        payer_party_id,
        receiver_party_id,
        coalesce(shares_now.is_kept, shares_before.is_kept) as is_kept,
        coalesce(shares_now.currency_code, shares_before.currency_code) as currency_code,
        coalesce(shares_now.tax_category, shares_before.tax_category) as tax_category,
        coalesce(shares_now.base_exact, shares_before.base_exact) as base_exact,
        coalesce(shares_now.amount_exact, 0) - coalesce(shares_before.amount_exact, 0) as target_exact
    from shares_now
    full join shares_before using (line_key, agreement_id, item_id, payer_party_id, receiver_party_id)

)

select
    'back_dated' as reason,
    source_bill_run_id,
    line_key,
    terms_id,
    step_number,
    hop_number,
    agreement_version_id,
    agreement_id,
    item_id,
    payer_party_id,
    receiver_party_id,
    is_kept,
    currency_code,
    tax_category,
    cast(base_exact as numeric(38, 16)) as base_exact,
    cast(target_exact as numeric(38, 16)) as target_exact
from shares_compared
