{#
    Where a partner costs more than customers pay: by a cost of the waterfall that takes more than the revenue, or by a tariff that is
    dearer than the retail price of the same usage. Nothing is refused for it; the payout waits until a person approves.
#}

with

run as (

    select * from {{ ref('int_run') }}

),

sharing as (

    select
        'sharing' as margin_kind,
        margins.agreement_id,
        cast('' as text) as item_id,
        cast('' as text) as offering_id,
        cast('' as text) as price_id,
        margins.bearer_party_id,
        margins.currency_code,
        margins.line_count as event_count,
        {{ minor_to_major('margins.base_exact', 'currencies.minor_digits') }} as revenue_exact,
        {{ minor_to_major('(margins.base_exact - margins.margin_exact)', 'currencies.minor_digits') }} as cost_exact
    from {{ ref('int_negative_margins') }} as margins
    inner join {{ ref('stg_catalog__currencies') }} as currencies on margins.currency_code = currencies.currency_code

),

tariffs as (

    select
        'tariff' as margin_kind,
        agreement_id,
        tariff_id as item_id,
        offering_id,
        price_id,
        (select run.operator_party_id from run) as bearer_party_id,
        currency_code,
        event_count,
        revenue_exact,
        cost_exact
    from {{ ref('int_usage_margins') }}
    where cost_exact > revenue_exact

),

margins as (

    select * from sharing
    union all
    select * from tariffs

)

select
    run.bill_run_id,
    run.period_id,
    margins.margin_kind,
    margins.agreement_id,
    margins.item_id,
    margins.offering_id,
    margins.price_id,
    margins.bearer_party_id,
    margins.currency_code,
    cast(sum(margins.event_count) as bigint) as event_count,
    cast(sum(margins.revenue_exact) as numeric(38, 16)) as revenue_exact,
    cast(sum(margins.cost_exact) as numeric(38, 16)) as cost_exact,
    cast(sum(margins.revenue_exact - margins.cost_exact) as numeric(38, 16)) as margin_exact
from margins
cross join run
group by
    run.bill_run_id, run.period_id, margins.margin_kind, margins.agreement_id, margins.item_id, margins.offering_id,
    margins.price_id, margins.bearer_party_id, margins.currency_code
