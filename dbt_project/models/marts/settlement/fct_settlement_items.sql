{# Every item behind a document and its payment. The stages add up: position, then tax, then what comes off the payment. #}

with

run as (

    select * from {{ ref('int_run') }}

),

position_items as (

    select * from {{ ref('int_position_items') }}

),

payment_items as (

    select * from {{ ref('int_payment_items') }}

),

settlements as (

    select * from {{ ref('fct_party_settlements') }}

),

items as (

    select
        settlement_key, item_key, 'position' as stage, item_kind, agreement_id, item_id, payer_party_id, receiver_party_id,
        currency_code, basis_minor, rate_percent, amount_minor, reference
    from position_items

    union all

    select
        settlement_key, {{ natural_key(["'tax'", 'settlement_key']) }}, 'document', 'tax', null, tax_treatment,
        payer_party_id, receiver_party_id, currency_code, position_minor, cast(tax_rate_percent as numeric(13, 10)), tax_minor, tax_mention
    from settlements

    union all

    select
        settlement_key, {{ natural_key(['item_kind', 'settlement_key', 'agreement_version_id']) }}, 'payment', item_kind,
        agreement_id, item_id, payer_party_id, receiver_party_id, currency_code, basis_minor, rate_percent, amount_minor,
        reference
    from payment_items

)

select
    run.bill_run_id,
    run.period_id,
    items.settlement_key,
    items.item_key,
    items.stage,
    items.item_kind,
    items.agreement_id,
    items.item_id,
    items.payer_party_id,
    items.receiver_party_id,
    items.currency_code,
    items.basis_minor,
    cast(items.rate_percent as numeric(13, 10)) as rate_percent,
    items.amount_minor,
    run.period_last_date as settled_on,
    items.reference
from items
cross join run
