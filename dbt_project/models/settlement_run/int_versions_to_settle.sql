{{ config(materialized='table', post_hook="analyze {{ this }}") }}

{#
    The agreement versions whose shares this settlement run may take, under the ids that their own books gave them: posted
    shares name these. The calendar is that of the version under which a line was shared; how it is paid, the present book says.

    What a bill run settles, it settles once: what its bills lose or its terms become afterwards is settled by the month.
#}

with

run as (

    select * from {{ ref('int_run') }}

),

agreements as (

    select * from {{ ref('stg_catalog__agreements') }}

),

run_scope as (

    select * from {{ ref('stg_lane__run_scope') }}

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
    agreements_of_all_books.settlement_cycle = 'bill_run' as is_adjusted_only,
    coalesce(agreements_of_all_books.settlement_time_zone, run.time_zone) as time_zone,
    run.period_last_date
from agreements_of_all_books
inner join run
    on agreements_of_all_books.settlement_cycle = run.settlement_cycle
    or (agreements_of_all_books.settlement_cycle = 'bill_run' and run.settlement_cycle = 'month')
inner join agreements
    on agreements_of_all_books.agreement_id = agreements.agreement_id
    and agreements_of_all_books.version = agreements.version
inner join run_scope on {{ settlement_account('agreements.agreement_id') }} = run_scope.account_id
