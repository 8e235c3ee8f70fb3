{#
    How each account in scope ended: billed, parked with the reason, or nothing to bill. Exactly one of them. In a settlement run, whose
    scope are agreements: settled, parked, or nothing to settle.
#}

{% set is_settlement_run = target.schema == 'settle' %}

with

run_scope as (

    select * from {{ ref('stg_lane__run_scope') }}

),

run as (

    select * from {{ ref('int_run') }}

),

parked_accounts as (

    {% if is_settlement_run %}
    select
        account_id,
        min(reason_code) as reason_code,
        string_agg(reason_code || ': ' || detail, '; ' order by reason_code, detail) as detail
    from {{ ref('int_agreement_problems') }}
    group by account_id
    {% else %}
    select * from {{ ref('int_parked_accounts') }}
    {% endif %}

),

-- An agreement's account is never a customer's: it has settlements or bills, not both.
ended_accounts as (

    {% if is_settlement_run %}
    select distinct
        {{ settlement_account('agreement_id') }} as account_id,
        'settled' as outcome
    from {{ ref('int_position_items') }}
    {% else %}
    select distinct
        account_id,
        'billed' as outcome
    from {{ ref('fct_customer_bills') }}
    union all
    select distinct
        {{ agreement_account('agreement_id') }} as account_id,
        'settled' as outcome
    from {{ ref('fct_applied_party_billing_rates') }}
    {% endif %}

)

select
    run.bill_run_id,
    run.period_id,
    run_scope.account_id,
    case when parked_accounts.account_id is not null then 'parked' else coalesce(ended_accounts.outcome, 'nothing_to_bill') end as outcome,
    parked_accounts.reason_code,
    parked_accounts.detail
from run_scope
cross join run
left join parked_accounts on run_scope.account_id = parked_accounts.account_id
left join ended_accounts on run_scope.account_id = ended_accounts.account_id
