{{ config(materialized='table', post_hook="analyze {{ this }}") }}

{# Each account in scope with the record in force on the period's last day; a missing record leaves nulls, not a gap. #}

with

account_windows as (

    select * from {{ ref('int_account_windows') }}

),

billing_accounts as (

    select * from {{ ref('stg_inbox__billing_accounts') }}

),

currencies as (

    select * from {{ ref('stg_catalog__currencies') }}

),

parties as (

    select * from {{ ref('int_parties_in_force') }}

),

newest_records as (

    select distinct on (billing_accounts.account_id) billing_accounts.*
    from billing_accounts
    inner join account_windows
        on
            billing_accounts.account_id = account_windows.account_id
            and billing_accounts.effective_from < account_windows.period_end_date
    order by billing_accounts.account_id, billing_accounts.effective_from desc

)

select
    account_windows.account_id,
    newest_records.party_id,
    newest_records.currency_code,
    newest_records.language_code,
    parties.country_code,
    parties.tax_status,

    currencies.minor_digits,
    newest_records.due_days,

    newest_records.account_id is not null as has_account_record,
    parties.party_id is not null as has_party_record
from account_windows
left join newest_records on account_windows.account_id = newest_records.account_id
left join currencies on newest_records.currency_code = currencies.currency_code
left join parties on newest_records.party_id = parties.party_id
