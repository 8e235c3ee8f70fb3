{{ config(materialized='table', post_hook='analyze {{ this }}') }}

{#
    Which agreement terms cover a charge, at each instant: exactly one root agreement, the one whose cover names the most facts.

    Spans without an agreement are here too, with null terms, so that a charge always finds one row.
#}

with

agreement_terms as (

    select * from {{ ref('stg_catalog__agreement_terms') }}

),

agreement_covers as (

    select * from {{ ref('stg_catalog__agreement_covers') }}

),

classes as (

    select distinct
        class_number,
        offering_id,
        seller_party_id,
        agreement_id is not null as is_of_agreement
    from {{ ref('int_products_dated') }}
    where is_in_scope

),

charges as (

    select distinct
        classes.class_number,
        offering_prices.charged_offering_id,
        offering_prices.price_id,
        classes.seller_party_id,
        classes.is_of_agreement
    from classes
    inner join {{ ref('int_offering_prices') }} as offering_prices on classes.offering_id = offering_prices.product_offering_id

),

candidates as (

    select
        charges.class_number,
        charges.charged_offering_id,
        charges.price_id,
        agreement_terms.terms_id,
        num_nonnulls(agreement_covers.offering_id, agreement_covers.price_id, agreement_covers.seller_party_id) as specificity,
        agreement_terms.effective_from,
        coalesce(agreement_terms.effective_until, {{ end_of_time() }}) as effective_until
    from agreement_terms
    inner join agreement_covers on agreement_terms.root_agreement_version_id = agreement_covers.agreement_version_id
    inner join charges
        on
            coalesce(agreement_covers.offering_id, charges.charged_offering_id) = charges.charged_offering_id
            and coalesce(agreement_covers.price_id, charges.price_id) = charges.price_id
            and (agreement_covers.seller_party_id is null or agreement_covers.seller_party_id = charges.seller_party_id)
            -- What partners owe each other is not revenue that anybody shares.
            and not charges.is_of_agreement

),

boundaries as (

    select class_number, charged_offering_id, price_id, effective_from as boundary_at from candidates
    union
    select class_number, charged_offering_id, price_id, effective_until as boundary_at from candidates
    union
    select class_number, charged_offering_id, price_id, {{ beginning_of_time() }} as boundary_at from charges
    union
    select class_number, charged_offering_id, price_id, {{ end_of_time() }} as boundary_at from charges

),

spans as (

    select
        class_number,
        charged_offering_id,
        price_id,
        boundary_at as effective_from,
        lead(boundary_at) over (partition by class_number, charged_offering_id, price_id order by boundary_at) as effective_until
    from boundaries

)

-- Two equally specific covers are refused by the book's check; the order here only keeps a run repeatable.
select distinct on (spans.class_number, spans.charged_offering_id, spans.price_id, spans.effective_from)
    spans.class_number,
    spans.charged_offering_id,
    spans.price_id,
    candidates.terms_id,
    spans.effective_from,
    spans.effective_until
from spans
left join candidates
    on
        spans.class_number = candidates.class_number
        and spans.charged_offering_id = candidates.charged_offering_id
        and spans.price_id = candidates.price_id
        and spans.effective_from >= candidates.effective_from
        and spans.effective_until <= candidates.effective_until
where spans.effective_until is not null
order by
    spans.class_number,
    spans.charged_offering_id,
    spans.price_id,
    spans.effective_from,
    candidates.specificity desc nulls last,
    candidates.terms_id
