with

agreements as (

    select * from {{ source('catalog', 'agreements') }}

),

run_inputs as (

    select * from {{ ref('stg_lane__run_inputs') }}

)

select
    agreements.agreement_version_id,
    agreements.agreement_id,
    agreements.payer_party_id,
    agreements.associated_agreement_id,
    agreements.associated_item_id,
    agreements.principal_party_id,

    agreements.version,
    agreements.settlement_currency_code,
    agreements.fx_source,
    agreements.settlement_cycle,
    agreements.settlement_time_zone,
    agreements.settlement_trigger,
    agreements.payment_allocation,
    agreements.document_kind,
    agreements.tax_category,
    agreements.payment_class,
    agreements.split_method,
    agreements.revenue_as,
    agreements.split_negatives,
    agreements.split_left_over_item,
    agreements.discounts_borne_by,
    agreements.trials_borne_by,
    agreements.bad_debt_borne_by,
    agreements.fraud_borne_by,

    agreements.due_days,
    agreements.cut_off_days,
    agreements.retention_percent,
    agreements.retention_days,
    agreements.split_step,

    agreements.is_grossed_up,

    agreements.known_from,
    agreements.effective_from,
    agreements.effective_until
from agreements
inner join run_inputs on agreements.book_id = run_inputs.book_id
