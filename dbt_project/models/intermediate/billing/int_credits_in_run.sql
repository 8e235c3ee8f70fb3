{{ config(materialized='table', post_hook="analyze {{ this }}") }}

{#
    The credits of accounts in scope in the order in which they are used up, with what posted bills have left of each: by priority,
    then what expires first. A credit that is used up has no row.
#}

with

credits as (

    select * from {{ ref('stg_inbox__credits') }}

),

accounts as (

    select * from {{ ref('int_billing_accounts_in_run') }}

),

account_windows as (

    select * from {{ ref('int_account_windows') }}

),

uses as (

    select * from {{ ref('int_account_credit_uses') }}
    where credit_kind = 'credit'

),

with_available as (

    select
        credits.*,
        accounts.currency_code as bill_currency_code,
        cast({{ round_to_minor('credits.amount', 'accounts.minor_digits') }} - coalesce(uses.used_minor, 0) as bigint) as available_minor,
        credits.effective_from < account_windows.period_end
        and coalesce(credits.effective_until, {{ end_of_time() }}) > account_windows.period_start as is_in_period
    from credits
    inner join accounts on credits.account_id = accounts.account_id
    inner join account_windows on credits.account_id = account_windows.account_id
    left join uses
        on
            credits.account_id = uses.account_id
            and credits.credit_id = uses.credit_id

)

select
    account_id,
    credit_id,
    credit_name,
    cast(row_number() over (
        partition by account_id
        order by priority, coalesce(effective_until, {{ end_of_time() }}), effective_from, credit_id
    ) as integer) as step_number,
    available_minor,
    borne_by,
    covered_product_ids,
    covered_offering_ids,
    covered_price_ids,
    covered_charge_kinds,
    currency_code,
    bill_currency_code,
    is_in_period,
    effective_from,
    effective_until
from with_available
where available_minor > 0
