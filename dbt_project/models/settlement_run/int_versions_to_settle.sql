{{ config(materialized='table', post_hook="analyze {{ this }}") }}

{#
    The agreement versions whose shares this settlement run may take, under the ids that their own books gave them: posted
    shares name these. The calendar is that of the version under which a line was shared; how it is paid, the present book says.
#}

with

run as (

    select * from {{ ref('int_run') }}

),

agreements as (

    select * from {{ ref('stg_catalog__agreements') }}

),

agreements_of_all_books as (

    select * from {{ source('catalog', 'agreements') }}

)

select
    agreements_of_all_books.agreement_version_id as shared_version_id,
    agreements.agreement_version_id,
    agreements.agreement_id,
    agreements_of_all_books.payer_party_id,
    agreements_of_all_books.settlement_trigger,
    agreements_of_all_books.payment_allocation,
    agreements_of_all_books.bad_debt_borne_by,
    coalesce(agreements_of_all_books.settlement_time_zone, run.time_zone) as time_zone,
    run.period_last_date
from agreements_of_all_books
inner join run on agreements_of_all_books.settlement_cycle = run.settlement_cycle
inner join agreements
    on agreements_of_all_books.agreement_id = agreements.agreement_id
    and agreements_of_all_books.version = agreements.version
