{#
    What the rate of a payment's day gives or takes beside the rate of its position, where the receiver bears it: per accepted
    payment, agreement and receiver. 1,400.7 grosz at 0.25 were EUR 3.50; at 3.80 zloty the euro they are 3.69: +0.19.

    The rate of the payment's day is the last published before it, as at the position. Without one, has_rate is false: the
    difference waits.
#}

with

paid as (

    select distinct on (clearings.settlement_key)
        clearings.settlement_key,
        payments.payment_id,
        payments.execution_date
    from {{ recorded('ledger', 'payment_clearings') }} as clearings
    inner join {{ recorded('ledger', 'payments') }} as payments on clearings.payment_id = payments.payment_id
    inner join {{ recorded('ledger', 'payment_states') }} as states on clearings.payment_id = states.payment_id
    where clearings.part_number = 1 and clearings.cleared_minor > 0 and states.state in ('accepted', 'netted')
    order by clearings.settlement_key, clearings.attempt_number

),

converted as (

    select
        paid.payment_id,
        paid.execution_date,
        agreements.agreement_id,
        agreements.version,
        agreements.fx_source,
        positions.receiver_party_id,
        positions.currency_code,
        positions.settlement_currency_code,
        positions.amount_exact,
        positions.settlement_amount_minor,
        charged.minor_digits as charged_digits,
        settled.minor_digits as settled_digits
    from paid
    inner join {{ recorded('ledger', 'settlement_documents') }} as documents on paid.settlement_key = documents.settlement_key
    inner join {{ recorded('ledger', 'posted_positions') }} as posted on paid.settlement_key = posted.settlement_key
    inner join {{ recorded('published', 'fct_positions') }} as positions
        on documents.bill_run_id = positions.bill_run_id
        and posted.position_key = positions.position_key
    inner join {{ recorded('catalog', 'agreements') }} as agreements on positions.agreement_version_id = agreements.agreement_version_id
    inner join {{ recorded('catalog', 'currencies') }} as charged on positions.currency_code = charged.currency_code
    inner join {{ recorded('catalog', 'currencies') }} as settled on positions.settlement_currency_code = settled.currency_code
    where
        agreements.receiver_bears_rate_difference
        and positions.currency_code <> positions.settlement_currency_code

),

rate_days as (

    select
        days.fx_source,
        days.execution_date,
        max(fx_rates.rate_date) as rate_date
    from (select distinct fx_source, execution_date from converted) as days
    inner join {{ recorded('catalog', 'fx_rates') }} as fx_rates
        on days.fx_source = fx_rates.fx_source
        and fx_rates.rate_date < days.execution_date
        and fx_rates.rate_date >= days.execution_date - {{ var('fx_rate_age_limit_days', 10) }}
    group by days.fx_source, days.execution_date

),

legs as (

    select rate_days.fx_source, rate_days.execution_date, fx_rates.base_currency_code, fx_rates.quote_currency_code as currency_code, fx_rates.rate
    from rate_days
    inner join {{ recorded('catalog', 'fx_rates') }} as fx_rates
        on rate_days.fx_source = fx_rates.fx_source
        and rate_days.rate_date = fx_rates.rate_date

    union

    select rate_days.fx_source, rate_days.execution_date, fx_rates.base_currency_code, fx_rates.base_currency_code, 1
    from rate_days
    inner join {{ recorded('catalog', 'fx_rates') }} as fx_rates
        on rate_days.fx_source = fx_rates.fx_source
        and rate_days.rate_date = fx_rates.rate_date

),

priced as (

    select
        converted.*,
        {{ ratio_round('legs_to.rate', 'legs_from.rate', 10) }} as fx_rate
    from converted
    left join legs as legs_from
        on converted.fx_source = legs_from.fx_source
        and converted.execution_date = legs_from.execution_date
        and converted.currency_code = legs_from.currency_code
    left join legs as legs_to
        on converted.fx_source = legs_to.fx_source
        and converted.execution_date = legs_to.execution_date
        and converted.settlement_currency_code = legs_to.currency_code
        and legs_from.base_currency_code = legs_to.base_currency_code

)

select
    'fx-' || substr(md5(payment_id || chr(47) || agreement_id || chr(47) || receiver_party_id), 1, 30) as adjustment_id,
    payment_id,
    execution_date,
    agreement_id,
    max(version) as version,
    receiver_party_id,
    settlement_currency_code as currency_code,
    bool_and(fx_rate is not null) as has_rate,
    cast(sum(
        {{ convert_minor('amount_exact', 'fx_rate', 'charged_digits', 'settled_digits') }} - settlement_amount_minor
    ) as bigint) as amount_minor
from priced
group by payment_id, execution_date, agreement_id, receiver_party_id, settlement_currency_code
order by execution_date, payment_id, agreement_id
