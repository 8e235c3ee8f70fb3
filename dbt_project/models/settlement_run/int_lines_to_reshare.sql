{{ config(materialized='table', post_hook="analyze {{ this }}") }}

{#
    Posted lines whose agreements have other versions in force on the line's day than those it was shared under, known by now: terms
    that were signed later than they apply. And all lines of a measurement period of whole-volume tiers that several bill runs have
    shared (int_volumes_to_rerate): the tier that all of them reach counts for each. They are shared once more, under the
    present terms; the bill stays as it is.
#}

with

run as (

    select * from {{ ref('int_run') }}

),

agreements as (

    select * from {{ ref('stg_catalog__agreements') }}

),

terms as (

    select * from {{ ref('stg_catalog__agreement_terms') }}

),

agreements_of_all_books as (

    select * from {{ source('catalog', 'agreements') }}

),

steps_of_all_books as (

    select * from {{ source('catalog', 'agreement_steps') }}

),

terms_of_all_books as (

    select * from {{ source('catalog', 'agreement_terms') }}

),

bill_runs as (

    select * from {{ source('control', 'bill_runs') }}

),

lines as (

    select * from {{ source('published', 'fct_applied_billing_rates') }}

),

bills as (

    select * from {{ ref('stg_ledger__customer_bills') }}

),

offerings as (

    select * from {{ ref('stg_catalog__offerings') }}

),

posted_lines as (

    select * from {{ ref('stg_ledger__posted_lines') }}

),

-- What terms are made of, the same in every book that has these versions.
versions_of_terms as (

    select
        steps_of_all_books.terms_id,
        string_agg(
            distinct agreements_of_all_books.agreement_id || ' ' || agreements_of_all_books.version, ', '
            order by agreements_of_all_books.agreement_id || ' ' || agreements_of_all_books.version
        ) as versions,
        max(agreements_of_all_books.known_from) as known_from
    from steps_of_all_books
    inner join agreements_of_all_books on steps_of_all_books.agreement_version_id = agreements_of_all_books.agreement_version_id
    group by steps_of_all_books.terms_id

),

-- The present terms for lines that were shared under those of any book, and whether they take the place of others.
present_terms as (

    select
        shared_terms.terms_id as shared_terms_id,
        terms.terms_id,
        -- Usage of the second half of a month is a line of the whole month: it was shared under these terms since they began.
        shared_terms.effective_from as shared_from,
        terms.effective_from,
        terms.effective_until,
        shared_versions.versions <> present_versions.versions as is_changed
    from terms_of_all_books as shared_terms
    inner join agreements_of_all_books as shared_roots
        on shared_terms.root_agreement_version_id = shared_roots.agreement_version_id
    inner join agreements as roots on shared_roots.agreement_id = roots.agreement_id
    inner join terms on roots.agreement_version_id = terms.root_agreement_version_id
    inner join versions_of_terms as shared_versions on shared_terms.terms_id = shared_versions.terms_id
    inner join versions_of_terms as present_versions on terms.terms_id = present_versions.terms_id
    inner join run on present_versions.known_from <= run.issue_date

),

lines_to_rerate as (

    select distinct volumes.bill_run_id, volumes.line_key
    from {{ ref('int_volumes_to_rerate') }} as volumes

)

select
    lines.bill_run_id as source_bill_run_id,
    lines.line_key,
    present_terms.terms_id,
    lines.account_id,
    bills.party_id as customer_party_id,
    lines.product_id,
    lines.offering_id,
    lines.seller_party_id,
    offerings.content_provider_party_id,
    lines.currency_code,
    lines.tax_category,
    lines.amount_minor,
    lines.list_minor,
    lines.before_discount_minor,
    lines.billed_quantity,
    lines.covered_from,
    cast(lines.covered_from at time zone run.time_zone as date) as consumed_on,
    cast(bill_runs.period_end at time zone run.time_zone as date) - 1 as billed_on
from lines
cross join run
inner join bill_runs
    on lines.bill_run_id = bill_runs.bill_run_id
    and bill_runs.lane = 'build'
    and bill_runs.state = 'posted'
inner join present_terms
    on lines.terms_id = present_terms.shared_terms_id
    and greatest(lines.covered_from, present_terms.shared_from) >= present_terms.effective_from
    and (
        present_terms.effective_until is null
        or greatest(lines.covered_from, present_terms.shared_from) < present_terms.effective_until
    )
left join lines_to_rerate
    on lines.bill_run_id = lines_to_rerate.bill_run_id
    and lines.line_key = lines_to_rerate.line_key
inner join posted_lines on lines.line_key = posted_lines.line_key
inner join bills on posted_lines.bill_key = bills.bill_key
left join offerings on lines.offering_id = offerings.offering_id
where present_terms.is_changed or lines_to_rerate.line_key is not null
