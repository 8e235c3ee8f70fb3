with

calendars as (

    select * from {{ source('catalog', 'calendars') }}

),

run_inputs as (

    select * from {{ ref('stg_lane__run_inputs') }}

)

select
    calendars.calendar_number,
    calendars.calendar_id,

    calendars.time_zone,
    calendars.overlap_rule
from calendars
inner join run_inputs on calendars.book_id = run_inputs.book_id
