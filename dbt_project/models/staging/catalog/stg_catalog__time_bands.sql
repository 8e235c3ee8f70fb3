with

time_bands as (

    select * from {{ source('catalog', 'time_bands') }}

),

run_inputs as (

    select * from {{ ref('stg_lane__run_inputs') }}

)

select
    time_bands.time_band_number,
    time_bands.calendar_number,
    time_bands.time_band_id,

    time_bands.weekdays,
    time_bands.months,
    time_bands.month_days,
    time_bands.dates,
    time_bands.holiday_rule,

    time_bands.weight,
    time_bands.specificity,

    time_bands.starts_at,
    time_bands.ends_at
from time_bands
inner join run_inputs on time_bands.book_id = run_inputs.book_id
