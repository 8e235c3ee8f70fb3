{# Which shares this run settles, by the bill run that made them, agreement and month. A portion is settled once for ever. #}

with

run as (

    select * from {{ ref('int_run') }}

),

shares as (

    {% if target.schema == 'settle' -%}
    select
        source_bill_run_id,
        agreement_id,
        month_from,
        currency_code,
        count(*) as share_count,
        sum(amount_exact) as amount_exact
    from {{ ref('int_settlement_shares') }}
    where agreement_id is not null and reason is null
    -- A portion of a parked agreement stays unsettled: the next run that can takes it.
    and {{ not_parked('agreement_id') }}
    group by source_bill_run_id, agreement_id, month_from, currency_code
    {%- else -%}
    -- A bill run settles its own shares, which are summed already.
    select
        run.bill_run_id as source_bill_run_id,
        share_totals.agreement_id,
        cast(date_trunc('month', run.period_last_date) as date) as month_from,
        share_totals.currency_code,
        cast(sum(share_totals.line_count) as bigint) as share_count,
        sum(share_totals.amount_exact) as amount_exact
    from {{ ref('int_share_totals') }} as share_totals
    cross join run
    where share_totals.agreement_id is not null
    group by run.bill_run_id, share_totals.agreement_id, run.period_last_date, share_totals.currency_code
    {%- endif %}

)

select
    run.bill_run_id,
    run.period_id,
    shares.source_bill_run_id,
    shares.agreement_id,
    shares.month_from,
    shares.currency_code,
    shares.share_count,
    cast(shares.amount_exact as numeric(38, 16)) as amount_exact
from shares
cross join run
