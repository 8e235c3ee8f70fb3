{{ config(materialized='table', post_hook="analyze {{ this }}") }}

{#
    What each posted share of a bill with payments or write-offs should have come to by now, as a function of what was collected
    or written off in all: so partial payments add up to the share to its last digit, whatever their order.

    collected   share * paid / whole, for agreements that settle what is collected. The order of allocation says what a payment
                pays first: pro_rata tax and lines alike, tax_first the tax, oldest_first the lines in order of their start
    bad_debt    - share * written off / gross, for the others, where everyone bears it; - line * written off / gross for one
                party that bears it alone. Where the operator bears it, what was written off counts as collected
#}

with

versions as (

    select * from {{ ref('int_versions_to_settle') }}

),

collections as (

    select * from {{ ref('int_bill_collections') }}

),

posted_lines as (

    select * from {{ ref('stg_ledger__posted_lines') }}

),

lines as (

    select * from {{ source('published', 'fct_applied_billing_rates') }}

),

shares as (

    select * from {{ source('published', 'fct_revenue_shares') }}

),

lines_of_bills as (

    select
        posted_lines.bill_run_id,
        posted_lines.line_key,
        posted_lines.amount_minor,
        collections.net_minor,
        collections.tax_minor,
        collections.gross_minor,
        collections.collected_minor,
        collections.written_off_minor,
        sum(posted_lines.amount_minor) over (
            partition by collections.bill_key order by lines.covered_from, posted_lines.line_key
        ) - posted_lines.amount_minor as earlier_lines_minor
    from collections
    inner join posted_lines on collections.bill_key = posted_lines.bill_key
    inner join lines
        on posted_lines.bill_run_id = lines.bill_run_id
        and posted_lines.line_key = lines.line_key

),

shares_of_bills as (

    select
        shares.*,
        versions.agreement_version_id as present_version_id,
        versions.payer_party_id as agreement_payer_party_id,
        versions.settlement_trigger,
        versions.payment_allocation,
        versions.bad_debt_borne_by,
        lines_of_bills.amount_minor as line_minor,
        lines_of_bills.net_minor,
        lines_of_bills.tax_minor,
        lines_of_bills.gross_minor,
        lines_of_bills.written_off_minor,
        lines_of_bills.earlier_lines_minor,
        least(
            lines_of_bills.collected_minor
            + case when versions.bad_debt_borne_by in ('operator', versions.payer_party_id) then lines_of_bills.written_off_minor else 0 end,
            lines_of_bills.gross_minor
        ) as paid_minor
    from shares
    inner join versions on shares.agreement_version_id = versions.shared_version_id
    inner join lines_of_bills
        on shares.bill_run_id = lines_of_bills.bill_run_id
        and shares.line_key = lines_of_bills.line_key

),

-- The part of the line that is paid, as a ratio of whole numbers.
parts_paid as (

    select
        *,
        case
            when gross_minor <= 0 then 1
            when payment_allocation = 'tax_first' and net_minor > 0 then greatest(paid_minor - tax_minor, 0)
            when payment_allocation = 'oldest_first' and line_minor > 0
                then least(greatest(
                    {{ int_div('cast(paid_minor as numeric(38, 0)) * net_minor', 'gross_minor') }} - earlier_lines_minor, 0
                ), line_minor)
            else paid_minor
        end as paid_part,
        case
            when gross_minor <= 0 then 1
            when payment_allocation = 'tax_first' and net_minor > 0 then net_minor
            when payment_allocation = 'oldest_first' and line_minor > 0 then line_minor
            else gross_minor
        end as whole
    from shares_of_bills

),

collected as (

    select
        'collected' as reason,
        parts_paid.*,
        parts_paid.amount_exact as adjusted_base_exact,
        {{ int_div('1e16 * amount_exact * paid_part', 'whole') }} * 1e-16 as target_exact
    from parts_paid
    where settlement_trigger = 'collected'

),

taken_back as (

    select
        'bad_debt' as reason,
        parts_paid.*,
        parts_paid.amount_exact as adjusted_base_exact,
        - {{ int_div('1e16 * amount_exact * written_off_minor', 'gross_minor') }} * 1e-16 as target_exact
    from parts_paid
    where settlement_trigger <> 'collected' and bad_debt_borne_by = 'everyone' and gross_minor > 0

),

targets as (

    select
        reason, bill_run_id, line_key, terms_id, step_number, hop_number, present_version_id, agreement_id, item_id,
        payer_party_id, receiver_party_id, is_kept, currency_code, tax_category, adjusted_base_exact, target_exact
    from collected

    union all

    select
        reason, bill_run_id, line_key, terms_id, step_number, hop_number, present_version_id, agreement_id, item_id,
        payer_party_id, receiver_party_id, is_kept, currency_code, tax_category, adjusted_base_exact, target_exact
    from taken_back

    union all

    -- Borne by one party alone: the other shares stay, and it gives back what the line lost.
    select
        'bad_debt', bill_run_id, line_key, terms_id, -1000, hop_number, present_version_id, agreement_id, 'bad_debt',
        payer_party_id, bad_debt_borne_by, false, currency_code, tax_category, cast(line_minor as numeric(38, 16)),
        - {{ int_div('1e16 * line_minor * written_off_minor', 'gross_minor') }} * 1e-16
    from parts_paid
    where
        settlement_trigger <> 'collected'
        and bad_debt_borne_by not in ('everyone', 'operator', agreement_payer_party_id)
        and gross_minor > 0
        and hop_number = 1
        and receiver_party_id = bad_debt_borne_by

)

select distinct on (reason, bill_run_id, line_key, step_number)
    reason,
    bill_run_id as source_bill_run_id,
    line_key,
    terms_id,
    step_number,
    hop_number,
    present_version_id as agreement_version_id,
    agreement_id,
    item_id,
    payer_party_id,
    receiver_party_id,
    is_kept,
    currency_code,
    tax_category,
    cast(adjusted_base_exact as numeric(38, 16)) as base_exact,
    cast(target_exact as numeric(38, 16)) as target_exact
from targets
order by reason, bill_run_id, line_key, step_number
