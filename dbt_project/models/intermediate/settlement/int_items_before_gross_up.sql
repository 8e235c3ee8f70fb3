{#
    What the position of a document is made of before any gross-up, signed as the receiver sees it: shares, usage of tariffs, agreement items
    and adjustments that a person added.
#}

with

run as (

    select * from {{ ref('int_run') }}

),

agreements as (

    select * from {{ ref('int_agreements_settled') }}
    where {{ not_parked('agreement_id') }}

),

positions as (

    select * from {{ ref('fct_positions') }}

),

item_amounts as (

    select * from {{ ref('int_agreement_item_amounts') }}

),

posted_references as (

    select reference
    from {{ ref('stg_ledger__settlement_items') }}
    where item_kind = 'adjustment'

),

shares as (

    select
        position_key as item_key,
        case when hop_number = 0 then 'usage' else 'share' end as item_kind,
        agreement_version_id,
        item_id,
        payer_party_id,
        receiver_party_id,
        settlement_currency_code as currency_code,
        tax_category,
        cast(null as bigint) as basis_minor,
        cast(null as numeric(13, 10)) as rate_percent,
        settlement_amount_minor as amount_minor,
        cast(null as text) as reference
    from positions
    where not is_kept

),

agreement_items as (

    select
        {{ natural_key([
            "'agreement item'", 'run.period_id', 'run.run_sequence', 'item_amounts.agreement_id', 'item_amounts.item_id',
            'item_amounts.receiver_party_id'
        ]) }} as item_key,
        item_amounts.item_kind,
        item_amounts.agreement_version_id,
        item_amounts.item_id,
        item_amounts.payer_party_id,
        item_amounts.receiver_party_id,
        item_amounts.currency_code,
        agreements.tax_category,
        item_amounts.basis_minor,
        cast(null as numeric(13, 10)) as rate_percent,
        item_amounts.amount_minor,
        cast(null as text) as reference
    from item_amounts
    cross join run
    inner join agreements on item_amounts.agreement_version_id = agreements.agreement_version_id

),

-- One that its requester approved waits, and so does one whose agreement or currency is another: nothing is guessed.
adjustments as (

    select
        {{ natural_key(["'adjustment'", 'adjustments.adjustment_id']) }} as item_key,
        'adjustment' as item_kind,
        agreements.agreement_version_id,
        'adjustment' as item_id,
        agreements.payer_party_id,
        adjustments.receiver_party_id,
        adjustments.currency_code,
        agreements.tax_category,
        cast(null as bigint) as basis_minor,
        cast(null as numeric(13, 10)) as rate_percent,
        adjustments.amount_minor,
        adjustments.adjustment_id as reference
    from {{ ref('stg_inbox__adjustments') }} as adjustments
    inner join run on adjustments.effective_from <= run.period_last_date
    inner join agreements
        on adjustments.agreement_id = agreements.agreement_id
        and adjustments.currency_code = agreements.settlement_currency_code
        and cast(agreements.effective_from at time zone run.time_zone as date) <= run.period_last_date
        and (
            agreements.effective_until is null
            or cast(agreements.effective_until at time zone run.time_zone as date) > run.period_last_date
        )
    left join posted_references on adjustments.adjustment_id = posted_references.reference
    where adjustments.is_approved_by_another and posted_references.reference is null

)

select * from shares
union all
select * from agreement_items
union all
select * from adjustments
