{# Which shares this run settles, by the bill run that made them, agreement and month. A portion is settled once for ever. #}

with

run as (

    select * from {{ ref('int_run') }}

),

shares as (

    select * from {{ ref('int_settlement_shares') }}
    where agreement_id is not null and reason is null
    {% if target.schema == 'settle' -%}
    -- A portion of a parked agreement stays unsettled: the next run that can takes it.
    and {{ not_parked('agreement_id') }}
    {%- endif %}

)

select
    run.bill_run_id,
    run.period_id,
    shares.source_bill_run_id,
    shares.agreement_id,
    shares.month_from,
    shares.currency_code,
    count(*) as share_count,
    cast(sum(shares.amount_exact) as numeric(38, 16)) as amount_exact
from shares
cross join run
group by
    run.bill_run_id, run.period_id, shares.source_bill_run_id, shares.agreement_id, shares.month_from, shares.currency_code
