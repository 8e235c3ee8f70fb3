with

calendar_holidays as (

    select * from {{ source('catalog', 'calendar_holidays') }}

),

run_inputs as (

    select * from {{ ref('stg_lane__run_inputs') }}

)

select
    calendar_holidays.calendar_number,

    calendar_holidays.holiday_date
from calendar_holidays
inner join run_inputs on calendar_holidays.book_id = run_inputs.book_id
