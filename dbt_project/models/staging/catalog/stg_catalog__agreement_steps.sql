with

agreement_steps as (

    select * from {{ source('catalog', 'agreement_steps') }}

),

agreement_terms as (

    select * from {{ ref('stg_catalog__agreement_terms') }}

)

select
    agreement_steps.terms_id,
    agreement_steps.agreement_version_id,
    agreement_steps.item_id,
    agreement_steps.payer_party_id,
    agreement_steps.receiver_party_id,
    agreement_steps.receiver_role,

    agreement_steps.basis,
    agreement_steps.other_basis,
    agreement_steps.basis_choice,
    agreement_steps.rule,
    agreement_steps.fixed_per,
    agreement_steps.tier_mode,
    agreement_steps.tier_of,
    agreement_steps.measured_over,
    agreement_steps.currency_code,
    agreement_steps.tariff_offering_id,

    agreement_steps.step_number,
    agreement_steps.step_rank,
    agreement_steps.pass_number,
    agreement_steps.hop_number,
    agreement_steps.hop_base_step_number,
    agreement_steps.basis_step_number,
    agreement_steps.other_basis_step_number,
    agreement_steps.tariff_number,
    agreement_steps.percent,
    agreement_steps.unit_amount,
    agreement_steps.fixed_amount,
    agreement_steps.min_amount,
    agreement_steps.max_amount,

    agreement_steps.is_cost,
    agreement_steps.is_kept
from agreement_steps
inner join agreement_terms on agreement_steps.terms_id = agreement_terms.terms_id
