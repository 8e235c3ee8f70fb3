{#
    Events that a posted run has billed. Events of accounts that were parked in that run were not billed and are rated again.

    A posted run of this very period counts only in its own lane: another lane compares itself with it.
#}

with

rated_usage as (

    select * from {{ source('published', 'fct_rated_usage') }}

),

rated_products as (

    select * from {{ source('published', 'dim_rated_products') }}

),

account_outcomes as (

    select * from {{ source('published', 'fct_account_outcomes') }}
    where outcome = 'parked'

),

bill_runs as (

    select * from {{ source('control', 'bill_runs') }}
    where state = 'posted'

),

run_window as (

    select * from {{ ref('int_run_window') }}

),

-- Small and settled first: joined one by one, each event would search its run, its product and its account anew.
billed_products as (

    select distinct
        rated_products.bill_run_id,
        rated_products.product_number
    from rated_products
    inner join bill_runs on rated_products.bill_run_id = bill_runs.bill_run_id
    inner join run_window
        on
            bill_runs.period_id <> run_window.period_id
            or bill_runs.lane = '{{ target.schema }}'
    left join account_outcomes
        on
            rated_products.bill_run_id = account_outcomes.bill_run_id
            and rated_products.account_id = account_outcomes.account_id
    where account_outcomes.account_id is null

)

select rated_usage.event_key
from rated_usage
inner join billed_products
    on
        rated_usage.bill_run_id = billed_products.bill_run_id
        and rated_usage.product_number = billed_products.product_number
where
    rated_usage.event_at >= (select usage_from from {{ ref('int_run_window') }})
    and rated_usage.event_at < (select period_end from {{ ref('int_run_window') }})
