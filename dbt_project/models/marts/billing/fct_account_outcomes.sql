{#
    How each account in scope ended: billed, parked with the reason, or nothing to bill. Exactly one of them. In a settlement run, whose
    scope are agreements: settled, parked, or nothing to settle.
#}

{% if target.schema == 'settle' %}

with

run_scope as (

    select * from {{ ref('stg_lane__run_scope') }}

),

run as (

    select * from {{ ref('int_run') }}

),

parked_agreements as (

    select
        account_id,
        min(reason_code) as reason_code,
        string_agg(reason_code || ': ' || detail, '; ' order by reason_code, detail) as detail
    from {{ ref('int_agreement_problems') }}
    group by account_id

),

settled_agreements as (

    select distinct {{ settlement_account('agreement_id') }} as account_id
    from {{ ref('int_position_items') }}

)

select
    run.bill_run_id,
    run.period_id,
    run_scope.account_id,
    case
        when parked_agreements.account_id is not null then 'parked'
        when settled_agreements.account_id is not null then 'settled'
        else 'nothing_to_bill'
    end as outcome,
    parked_agreements.reason_code,
    parked_agreements.detail
from run_scope
cross join run
left join parked_agreements on run_scope.account_id = parked_agreements.account_id
left join settled_agreements on run_scope.account_id = settled_agreements.account_id

{% else %}

with

run_scope as (

    select * from {{ ref('stg_lane__run_scope') }}

),

run as (

    select * from {{ ref('int_run') }}

),

parked_accounts as (

    select * from {{ ref('int_parked_accounts') }}

),

bills as (

    select * from {{ ref('fct_customer_bills') }}

),

billed_accounts as (

    select distinct account_id
    from bills

),

settled_agreements as (

    select distinct {{ agreement_account('agreement_id') }} as account_id
    from {{ ref('fct_applied_party_billing_rates') }}

)

select
    run.bill_run_id,
    run.period_id,
    run_scope.account_id,
    case
        when parked_accounts.account_id is not null then 'parked'
        when billed_accounts.account_id is not null then 'billed'
        when settled_agreements.account_id is not null then 'settled'
        else 'nothing_to_bill'
    end as outcome,
    parked_accounts.reason_code,
    parked_accounts.detail
from run_scope
cross join run
left join parked_accounts on run_scope.account_id = parked_accounts.account_id
left join billed_accounts on run_scope.account_id = billed_accounts.account_id
left join settled_agreements on run_scope.account_id = settled_agreements.account_id

{% endif %}
