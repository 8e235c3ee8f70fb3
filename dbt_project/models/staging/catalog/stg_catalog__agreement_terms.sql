with

agreement_terms as (

    select * from {{ source('catalog', 'agreement_terms') }}

),

run_inputs as (

    select * from {{ ref('stg_lane__run_inputs') }}

)

select
    agreement_terms.terms_id,
    agreement_terms.root_agreement_version_id,

    agreement_terms.effective_from,
    agreement_terms.effective_until
from agreement_terms
inner join run_inputs on agreement_terms.book_id = run_inputs.book_id
