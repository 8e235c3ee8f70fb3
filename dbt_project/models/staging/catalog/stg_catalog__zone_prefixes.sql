with

zone_prefixes as (

    select * from {{ source('catalog', 'zone_prefixes') }}

),

run_inputs as (

    select * from {{ ref('stg_lane__run_inputs') }}

)

select
    zone_prefixes.zone_list,
    zone_prefixes.zone,
    zone_prefixes.prefix
from zone_prefixes
inner join run_inputs on zone_prefixes.book_id = run_inputs.book_id
