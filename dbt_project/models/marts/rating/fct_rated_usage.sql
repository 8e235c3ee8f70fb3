{{ config(pre_hook=rating_session(workers=0), meta={'shares': ['int_usage_rated_1', 'int_usage_rated_2']}) }}

{# Every rated event of the run, in one table that can be published as it is: the two shares are its partitions, nothing is copied. #}

with

first_share as (

    select * from {{ ref('int_usage_rated_1') }}

),

second_share as (

    select * from {{ ref('int_usage_rated_2') }}

)

select * from first_share

union all

select * from second_share
