{# Lines that partners owe each other for usage, exact: wholesale, interconnect, roaming. Parked agreements are left out whole. #}

with

charges as (

    select * from {{ ref('int_party_charges') }}

),

parked_accounts as (

    select * from {{ ref('int_parked_accounts') }}

),

run as (

    select * from {{ ref('int_run') }}

)

select
    run.bill_run_id,
    charges.period_id,
    charges.line_key,
    charges.agreement_id,
    charges.agreement_version_id,
    charges.tariff_id,
    charges.price_id,
    charges.price_version_id,
    charges.payer_party_id,
    charges.receiver_party_id,
    charges.service_kind,
    charges.product_number,
    charges.is_settled,
    charges.covered_from,
    charges.covered_until,
    charges.is_late,
    charges.event_count,
    charges.billed_quantity,
    charges.currency_code,
    charges.tax_category,
    charges.amount_exact
from charges
cross join run
left join parked_accounts on charges.account_id = parked_accounts.account_id
where parked_accounts.account_id is null
