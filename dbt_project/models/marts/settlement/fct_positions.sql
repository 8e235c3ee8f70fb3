{# What each item and each tariff of an agreement gave each receiver in this run, in whole minor units and in the settlement currency.
   Tariffs stand at hop 0: their lines are owed for usage, no part of what customers pay. #}

with

share_totals as (

    select * from {{ ref('int_share_totals') }}

),

positions_split as (

    select * from {{ ref('int_positions_split') }}

),

run as (

    select * from {{ ref('int_run') }}

),

agreements as (

    select * from {{ ref('stg_catalog__agreements') }}

),

currencies as (

    select * from {{ ref('stg_catalog__currencies') }}

),

fx_rates as (

    select * from {{ ref('int_fx_rates_in_run') }}

),

positions as (

    select
        position_key,
        hop_number,
        agreement_id,
        agreement_version_id,
        item_id,
        payer_party_id,
        receiver_party_id,
        currency_code,
        tax_category,
        cast(sum(line_count) as bigint) as line_count,
        cast(sum(amount_exact) as numeric(38, 16)) as amount_exact
    from share_totals
    group by
        position_key, hop_number, agreement_id, agreement_version_id, item_id,
        payer_party_id, receiver_party_id, currency_code, tax_category

),

minor_amounts as (

    select
        position_key,
        cast(sum(amount_minor) as bigint) as amount_minor
    from positions_split
    where position_key is not null
    group by position_key

),

positions_to_settle as (

    select
        positions.*,
        minor_amounts.amount_minor,
        positions.receiver_party_id = positions.payer_party_id as is_kept,
        agreements.fx_source as agreement_fx_source,
        -- What the payer keeps is settled with nobody and stays in the currency of the lines.
        case
            when positions.receiver_party_id = positions.payer_party_id then positions.currency_code
            else agreements.settlement_currency_code
        end as settlement_currency_code
    from positions
    inner join minor_amounts on positions.position_key = minor_amounts.position_key
    left join agreements on positions.agreement_version_id = agreements.agreement_version_id

)

select
    run.bill_run_id,
    run.period_id,
    positions_to_settle.position_key,
    positions_to_settle.hop_number,
    positions_to_settle.agreement_id,
    positions_to_settle.agreement_version_id,
    positions_to_settle.item_id,
    positions_to_settle.payer_party_id,
    positions_to_settle.receiver_party_id,
    positions_to_settle.is_kept,
    positions_to_settle.currency_code,
    positions_to_settle.tax_category,
    positions_to_settle.line_count,
    positions_to_settle.amount_exact,
    positions_to_settle.amount_minor,
    positions_to_settle.settlement_currency_code,
    fx_rates.fx_source,
    fx_rates.fx_date,
    coalesce(fx_rates.fx_rate, cast(1 as numeric(20, 10))) as fx_rate,
    case
        when positions_to_settle.currency_code = positions_to_settle.settlement_currency_code then positions_to_settle.amount_minor
        else {{ convert_minor(
            'positions_to_settle.amount_exact', 'fx_rates.fx_rate',
            'line_currencies.minor_digits', 'settlement_currencies.minor_digits'
        ) }}
    end as settlement_amount_minor
from positions_to_settle
cross join run
inner join currencies as line_currencies on positions_to_settle.currency_code = line_currencies.currency_code
inner join currencies as settlement_currencies on positions_to_settle.settlement_currency_code = settlement_currencies.currency_code
left join fx_rates
    on positions_to_settle.agreement_fx_source = fx_rates.fx_source
    and positions_to_settle.currency_code = fx_rates.from_currency_code
    and positions_to_settle.settlement_currency_code = fx_rates.to_currency_code
