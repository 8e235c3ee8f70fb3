{{ config(materialized='table', post_hook='analyze {{ this }}') }}

{#
    A call that goes on beyond the band in which it starts gets a tariff of its own: its pieces follow the bands, each priced by the
    tariff of its band from where the call is then. Rating looks it up like any other tariff.

    A piece is charged in whole blocks; the last may reach into the next band, which starts where that block ends. Amounts charged
    once belong to the band in which the call starts. Few calls cross a boundary, so they are walked piece by piece.
#}

with recursive

tariff_parts as (

    select * from {{ ref('int_split_parts') }}

),

segments as (

    select * from {{ ref('int_tariff_segments') }}

),

split_events as (

    select
        event_key,
        quantity_units,
        cast(- row_number() over (order by event_key) as integer) as tariff_number
    from tariff_parts
    where part_count > 1 and from_units = 0

),

walk as (

    select
        split_events.event_key,
        split_events.tariff_number,
        split_events.quantity_units,
        0 as piece_number,
        cast(null as integer) as band_tariff_number,
        cast(0 as numeric(38, 16)) as flat_reached,
        cast(-9223372036854775808 as numeric(38, 0)) as from_units,
        cast(0 as numeric(38, 0)) as until_units,
        cast(0 as numeric(38, 16)) as base_exact,
        cast(null as bigint) as block_units,
        cast(0 as numeric(38, 0)) as step_numerator,
        cast(1 as bigint) as step_divisor,
        cast(0 as numeric(38, 16)) as until_exact
    from split_events

    union all

    select
        pieces.event_key,
        pieces.tariff_number,
        pieces.quantity_units,
        pieces.piece_number + 1,
        pieces.next_tariff_number,
        pieces.next_flat,
        pieces.until_units,
        cast(pieces.until_units + pieces.blocks * coalesce(pieces.next_block_units, 1) as numeric(38, 0)),
        cast(pieces.next_base as numeric(38, 16)),
        pieces.next_block_units,
        pieces.next_numerator,
        pieces.next_divisor,
        cast(
            pieces.next_base + {{ from_scaled(tariff_step('pieces.blocks', 'pieces.next_numerator', 'pieces.next_divisor')) }}
            as numeric(38, 16)
        )
    from (
        select
            walk.event_key,
            walk.tariff_number,
            walk.quantity_units,
            walk.piece_number,
            walk.until_units,
            tariff_parts.tariff_number as next_tariff_number,
            segments.flat_exact as next_flat,
            segments.block_units as next_block_units,
            segments.step_numerator as next_numerator,
            segments.step_divisor as next_divisor,
            walk.until_exact + case
                when walk.piece_number = 0 then segments.flat_exact
                when walk.band_tariff_number = tariff_parts.tariff_number then segments.flat_exact - walk.flat_reached
                else 0
            end as next_base,
            {{ blocks_of(
                '(least(tariff_parts.until_units, segments.until_units, walk.quantity_units) - walk.until_units)', 'segments.block_units'
            ) }} as blocks
        from walk
        inner join tariff_parts
            on
                walk.event_key = tariff_parts.event_key
                and walk.until_units >= tariff_parts.from_units
                and walk.until_units < tariff_parts.until_units
        inner join segments
            on
                tariff_parts.tariff_number = segments.tariff_number
                and walk.until_units >= segments.from_units
                and walk.until_units < segments.until_units
        where walk.until_units < walk.quantity_units
    ) as pieces

)

select
    event_key,
    piece_number,
    tariff_number,
    cast(from_units as bigint) as from_units,
    cast(case when until_units >= quantity_units then 9223372036854775807 else until_units end as bigint) as until_units,
    cast(case when piece_number = 0 then 0 else from_units end as bigint) as offset_units,
    base_exact,
    block_units,
    step_numerator,
    step_divisor
from walk
