{{ config(meta={
    'dagster': {'ref': {'name': 'fct_account_outcomes'}},
    'description': "An account is billed exactly when it has a bill, and a parked account has neither bill nor line."
}) }}

-- Guards parking: an account parked after its lines were made would be billed and rated again later.

with

outcomes as (

    select * from {{ ref('fct_account_outcomes') }}

),

bills as (

    select * from {{ ref('fct_customer_bills') }}

),

lines as (

    select * from {{ ref('fct_applied_billing_rates') }}

),

billed as (

    select account_id, cast(sum(line_count) as bigint) as line_count
    from bills
    group by account_id

),

with_lines as (

    select account_id, count(*) as line_count
    from lines
    group by account_id

)

select
    account_id,
    outcomes.outcome,
    billed.line_count as billed_line_count,
    with_lines.line_count
from outcomes
full join billed using (account_id)
full join with_lines using (account_id)
where
    (outcomes.outcome = 'billed') is distinct from (billed.account_id is not null)
    or billed.line_count is distinct from with_lines.line_count
