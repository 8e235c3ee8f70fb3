{{ config(materialized='table', post_hook="analyze {{ this }}") }}

{# Master data of every party as it stands on the issue date, which is what documents print and taxes look at. #}

with

run as (

    select * from {{ ref('int_run') }}

),

parties as (

    select * from {{ ref('stg_inbox__parties') }}

),

legal_entities as (

    select * from {{ ref('stg_catalog__legal_entities') }}

),

newest_records as (

    select distinct on (parties.party_id)
        parties.party_id,
        parties.name,
        to_jsonb(parties.address_lines) as address_lines,
        parties.country_code,
        parties.tax_number,
        parties.tax_status,
        parties.language_code,
        parties.bank_account
    from parties
    inner join run on parties.effective_from <= run.issue_date
    order by parties.party_id, parties.effective_from desc

),

-- The operator pays partners and stands in the book; it needs no record in the inbox.
operator_entities as (

    select distinct on (legal_entities.party_id)
        legal_entities.party_id,
        legal_entities.legal_name as name,
        to_jsonb(legal_entities.address_lines) as address_lines,
        legal_entities.country_code,
        legal_entities.tax_number,
        cast('business' as text) as tax_status,
        cast(null as text) as language_code,
        legal_entities.bank_account
    from legal_entities
    left join newest_records on legal_entities.party_id = newest_records.party_id
    where newest_records.party_id is null
    order by legal_entities.party_id, legal_entities.legal_entity_id

)

select * from newest_records
union all
select * from operator_entities
