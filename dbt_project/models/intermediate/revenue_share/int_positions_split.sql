{{ config(materialized='table') }}

{#
    Each position in whole minor units, split hop by hop: the first hop's positions add up to the lines' amounts, and the
    positions of a further hop add up to the positions they come from. What a position does not pass on (some of its lines
    were charged before the next agreement began) is a part of its own, so that only the shared part is split further.

    Who gets the units left over is a setting of the agreement, also by name; where versions of it differ within a base, the latest decides.
#}

{% set hop_count = passes_needed('int_share_totals', 'hop_number', var('max_step_rank', 24)) %}
{% set tie_break = 'left_over_rank, step_number, receiver_party_id, agreement_version_id' %}

with

share_totals as (

    select * from {{ ref('int_share_totals') }}

),

agreements as (

    select * from {{ ref('stg_catalog__agreements') }}

),

-- One part per position and the position it comes from; the first hop's parts come from its agreement's lines.
parts as (

    select
        position_key,
        coalesce(
            cast(base_position_key as text),
            -- What is owed by a tariff is no part of anything: it is rounded by itself.
            case when hop_number = 0 and agreement_version_id is not null then cast(position_key as text) end,
            concat_ws(' ', agreement_version_id, currency_code, tax_category)
        ) as base_key,
        base_position_key,
        max(hop_number) as hop_number,
        min(step_number) as step_number,
        max(receiver_party_id) as receiver_party_id,
        max(agreement_version_id) as agreement_version_id,
        max(item_id) as item_id,
        cast(sum(amount_exact) as numeric(38, 16)) as amount_exact
    from share_totals
    group by position_key, base_key, base_position_key

),

exact_positions as (

    select position_key, cast(sum(amount_exact) as numeric(38, 16)) as amount_exact
    from share_totals
    group by position_key

),

shared_further as (

    select base_position_key, max(hop_number) as hop_number, cast(sum(amount_exact) as numeric(38, 16)) as amount_exact
    from parts
    where base_position_key is not null
    group by base_position_key

),

parts_and_rests as (

    select position_key, base_key, base_position_key, hop_number, step_number, receiver_party_id, agreement_version_id, item_id, amount_exact
    from parts

    union all

    select
        null,
        cast(shared_further.base_position_key as text),
        shared_further.base_position_key,
        shared_further.hop_number,
        -- After all steps in the tie-break.
        2147483647,
        null,
        null,
        null,
        exact_positions.amount_exact - shared_further.amount_exact
    from shared_further
    inner join exact_positions on shared_further.base_position_key = exact_positions.position_key
    where exact_positions.amount_exact <> shared_further.amount_exact

),

versions_by_base as (

    select base_key, max(agreement_version_id) as agreement_version_id
    from parts
    group by base_key

),

parts_to_split as (

    select
        parts_and_rests.*,
        -- Who is named takes all of it, being the first part; without a part the method decides.
        case
            when bool_or(agreements.split_left_over_item = parts_and_rests.item_id) over (partition by parts_and_rests.base_key)
                then 'first_part'
            else coalesce(agreements.split_method, 'largest_remainder')
        end as method,
        case when agreements.split_left_over_item = parts_and_rests.item_id then 0 else 1 end as left_over_rank,
        coalesce(agreements.split_negatives, 'mirrored') as negatives,
        coalesce(agreements.split_step, 1) as step
    from parts_and_rests
    left join versions_by_base on parts_and_rests.base_key = versions_by_base.base_key
    left join agreements on versions_by_base.agreement_version_id = agreements.agreement_version_id

),

hop_1_parts as (

    select
        *,
        {{ round_to_minor('sum(amount_exact) over (partition by base_key)', 0) }} as base_minor
    from parts_to_split
    where base_position_key is null

),

hop_1 as (

    select *, split_minor as amount_minor from {{ split_positions('hop_1_parts', tie_break) }} as split

),

{% for hop_number in range(2, hop_count + 1) %}
hop_{{ hop_number }}_parts as (

    select parts_to_split.*, base_positions.base_minor
    from parts_to_split
    inner join (
        select position_key, cast(sum(amount_minor) as bigint) as base_minor
        from hop_{{ hop_number - 1 }}
        where position_key is not null
        group by position_key
    ) as base_positions on parts_to_split.base_position_key = base_positions.position_key

),

hop_{{ hop_number }} as (

    select *, split_minor as amount_minor from {{ split_positions('hop_' ~ hop_number ~ '_parts', tie_break) }} as split

),

{% endfor %}
parts_split as (

    {% for hop_number in range(1, hop_count + 1) %}
    select position_key, base_position_key, hop_number, step_number, amount_exact, amount_minor from hop_{{ hop_number }}
    {{ 'union all' if not loop.last }}
    {% endfor %}

)

select * from parts_split
