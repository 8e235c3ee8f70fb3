with

suspended as (

    select * from {{ ref('int_usage_suspended') }}

),

run_window as (

    select * from {{ ref('int_run_window') }}

)

select
    run_window.bill_run_id,
    suspended.file_id,
    suspended.line_number,
    suspended.event_key,
    suspended.event_at,
    suspended.reason_code,
    suspended.detail
from suspended
cross join run_window
