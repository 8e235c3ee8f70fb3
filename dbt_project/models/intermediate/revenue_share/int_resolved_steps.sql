{{ config(materialized='table', post_hook="analyze {{ this }}") }}

{#
    The steps of each resolution with the receiver of every role, in the order the shares are computed: hop by hop, within
    a hop in waterfall order, the rest last. A hop takes part only where its payer received the item that it shares out.
    The hop number is the way from the root: two agreements that share items of the same hop are both one further.
#}

with recursive

resolutions as (

    select * from {{ ref('int_agreement_resolutions') }}

),

steps as (

    select * from {{ ref('stg_catalog__agreement_steps') }}

),

agreements as (

    select * from {{ ref('stg_catalog__agreements') }}

),

role_parties as (

    select * from {{ ref('int_role_parties') }}

),

steps_with_receivers as materialized (

    select
        resolutions.resolution_id,
        steps.terms_id,
        steps.step_number,
        steps.hop_base_step_number,
        steps.pass_number as fixed_pass_number,
        steps.basis,
        steps.basis_step_number,
        steps.other_basis,
        steps.other_basis_step_number,
        steps.basis_choice,
        steps.rule,
        steps.percent,
        steps.unit_amount,
        steps.fixed_amount,
        steps.fixed_per,
        steps.tier_mode,
        steps.tier_of,
        steps.measured_over,
        steps.tariff_number,
        steps.tariff_offering_id,
        steps.currency_code,
        steps.min_amount,
        steps.max_amount,
        steps.is_cost,
        steps.agreement_version_id,
        agreements.agreement_id,
        steps.item_id,
        agreements.tax_category,
        agreements.settlement_currency_code,
        agreements.fx_source,
        steps.payer_party_id,
        steps.receiver_role,
        coalesce(steps.receiver_party_id, role_parties.party_id) as receiver_party_id
    from resolutions
    inner join steps on resolutions.terms_id = steps.terms_id
    inner join agreements on steps.agreement_version_id = agreements.agreement_version_id
    left join role_parties
        on role_parties.root_party_id = case
            when steps.receiver_role like 'seller%' then resolutions.seller_party_id
            else resolutions.content_provider_party_id
        end
        and resolutions.role_date = role_parties.role_date
        and steps.receiver_role = role_parties.receiver_role

),

steps_reached as (

    select
        *,
        1 as hop_number
    from steps_with_receivers
    where hop_base_step_number is null

    union all

    select
        steps_with_receivers.*,
        steps_reached.hop_number + 1
    from steps_with_receivers
    inner join steps_reached
        on steps_with_receivers.resolution_id = steps_reached.resolution_id
        and steps_with_receivers.hop_base_step_number = steps_reached.step_number
        and steps_with_receivers.payer_party_id = steps_reached.receiver_party_id

),

steps_in_order as (

    select
        *,
        -- A chain with items that are measured over a period has its passes from the book, the same for all of its lines.
        coalesce(
            fixed_pass_number,
            cast(row_number() over (
                partition by resolution_id
                order by hop_number, coalesce(hop_base_step_number, 0), rule = 'remaining', step_number
            ) as integer)
        ) as pass_number,
        row_number() over (
            partition by resolution_id, hop_number, coalesce(hop_base_step_number, 0)
            order by rule = 'remaining', step_number
        ) = 1 as starts_hop
    from steps_reached

)

select
    steps_in_order.*,
    base_steps.pass_number as base_pass_number,
    basis_steps.pass_number as basis_pass_number,
    other_basis_steps.pass_number as other_basis_pass_number,
    coalesce(steps_in_order.receiver_party_id = steps_in_order.payer_party_id, false) as is_kept
from steps_in_order
left join steps_in_order as base_steps
    on steps_in_order.resolution_id = base_steps.resolution_id
    and steps_in_order.hop_base_step_number = base_steps.step_number
left join steps_in_order as basis_steps
    on steps_in_order.resolution_id = basis_steps.resolution_id
    and steps_in_order.basis_step_number = basis_steps.step_number
left join steps_in_order as other_basis_steps
    on steps_in_order.resolution_id = other_basis_steps.resolution_id
    and steps_in_order.other_basis_step_number = other_basis_steps.step_number
