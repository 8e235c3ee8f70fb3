{#
    Usage with everything that rates it, whoever pays: what customers used, and what partners' tariffs make of it. An event can be in
    both, and with several partners; event_key is unique all the same, because a partner's row has a key of its own.

    Events are looked up in the rules once: each share of them is a table, written by one of dbt's threads. Both are read together by
    int_usage_exceptions, which keeps the few events that more is asked of. Who wants one share says in_share_number, a constant of each
    half, and PostgreSQL does not open the other.
#}

with

first_share as (

    select
        cast(1 as smallint) as in_share_number,
        first_half.*
    from {{ ref('int_usage_guided_1') }} as first_half

),

second_share as (

    select
        cast(2 as smallint) as in_share_number,
        second_half.*
    from {{ ref('int_usage_guided_2') }} as second_half

)

select * from first_share

union all

select * from second_share
