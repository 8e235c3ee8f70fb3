{{ config(materialized='table', post_hook="analyze {{ this }}") }}

{#
    The items of every agreement version in force on the period's last day, each with the amount that it may reach so far
    and with what posted periods settled within its measurement: `before_minor` of all that it works on, `own_before_minor`
    of itself. An advance is measured over the whole life of the agreement. What is prorated is for the days of the agreement within the
    measurement, not for its months.
#}

with

run as (

    select * from {{ ref('int_run') }}

),

agreements as (

    select * from {{ ref('int_agreements_settled') }}
    where {{ not_parked('agreement_id') }}

),

agreement_items as (

    select * from {{ ref('stg_catalog__agreement_items') }}

),

first_days as (

    select
        agreements.agreement_id,
        cast(min(agreements.effective_from) at time zone run.time_zone as date) as first_day
    from agreements
    cross join run
    group by agreements.agreement_id, run.time_zone

),

currencies as (

    select * from {{ ref('stg_catalog__currencies') }}

),

posted_items as (

    select * from {{ ref('stg_ledger__settlement_items') }}
    where stage = 'position'

),

items_in_force as (

    select
        agreement_items.*,
        agreements.agreement_id,
        agreements.payer_party_id,
        agreements.settlement_currency_code as currency_code,
        -- A fee is due for every month of the settlement period.
        {{ round_to_minor('agreement_items.amount', 'currencies.minor_digits') }} * case
            when agreement_items.item_kind <> 'fee' then 1
            when run.settlement_cycle = 'quarter' then 3
            when run.settlement_cycle = 'half_year' then 6
            when run.settlement_cycle = 'year' then 12
            else 1
        end as amount_minor,
        case
            when agreement_items.item_kind = 'recoupment' then date '0001-01-01'
            when agreement_items.measurement_period = 'year' then cast(date_trunc('year', run.period_last_date) as date)
            else cast(date_trunc('month', run.period_last_date) as date)
        end as measured_from,
        case when agreement_items.measurement_period = 'year' then cast(extract(month from run.period_last_date) as integer) else 1 end as months_so_far,
        case when agreement_items.measurement_period = 'year' then 12 else 1 end as months_in_all,
        first_days.first_day,
        run.period_last_date,
        cast(case
            when agreement_items.measurement_period = 'year' then date_trunc('year', run.period_last_date) + interval '1 year'
            else date_trunc('month', run.period_last_date) + interval '1 month'
        end as date) as measured_until
    from agreement_items
    inner join agreements on agreement_items.agreement_version_id = agreements.agreement_version_id
    inner join first_days on agreements.agreement_id = first_days.agreement_id
    inner join currencies on agreements.settlement_currency_code = currencies.currency_code
    inner join run
        on cast(agreements.effective_from at time zone run.time_zone as date) <= run.period_last_date
        and (
            agreements.effective_until is null
            or cast(agreements.effective_until at time zone run.time_zone as date) > run.period_last_date
        )

),

posted_by_item as (

    select
        items_in_force.agreement_version_id,
        items_in_force.item_number,
        cast(coalesce(sum(posted_items.amount_minor) filter (
            where posted_items.item_kind in ('share', 'usage') or items_before.item_number < items_in_force.item_number
        ), 0) as bigint) as before_minor,
        cast(coalesce(sum(posted_items.amount_minor) filter (
            where items_before.item_number = items_in_force.item_number
        ), 0) as bigint) as own_before_minor
    from items_in_force
    inner join posted_items
        on items_in_force.agreement_id = posted_items.agreement_id
        and items_in_force.receiver_party_id = posted_items.receiver_party_id
        and items_in_force.currency_code = posted_items.currency_code
        and items_in_force.measured_from <= posted_items.settled_on
    left join items_in_force as items_before
        on items_in_force.agreement_version_id = items_before.agreement_version_id
        and items_in_force.receiver_party_id = items_before.receiver_party_id
        and posted_items.item_id = items_before.item_id
        and posted_items.item_kind = items_before.item_kind
    group by items_in_force.agreement_version_id, items_in_force.item_number

)

select
    items_in_force.agreement_version_id,
    items_in_force.agreement_id,
    items_in_force.item_number,
    items_in_force.item_id,
    items_in_force.item_kind,
    items_in_force.payer_party_id,
    items_in_force.receiver_party_id,
    items_in_force.currency_code,
    items_in_force.percent,
    items_in_force.is_taken_off,
    -- A guarantee that is trued up at the end guarantees nothing before the last month.
    case
        when items_in_force.is_prorated and (
            items_in_force.item_kind = 'cap'
            or items_in_force.true_up = 'at_end' and items_in_force.months_so_far = items_in_force.months_in_all
        ) then cast({{ ratio_round(
            'cast(items_in_force.amount_minor as numeric(38, 0))
            * (items_in_force.measured_until - greatest(items_in_force.measured_from, items_in_force.first_day))',
            'items_in_force.measured_until - items_in_force.measured_from', 0
        ) }} as bigint)
        when items_in_force.is_prorated and items_in_force.true_up = 'each_period' then cast({{ ratio_round(
            'cast(items_in_force.amount_minor as numeric(38, 0))
            * (items_in_force.period_last_date + 1 - greatest(items_in_force.measured_from, items_in_force.first_day))',
            'items_in_force.measured_until - items_in_force.measured_from', 0
        ) }} as bigint)
        when items_in_force.item_kind <> 'minimum_guarantee' then items_in_force.amount_minor
        when items_in_force.true_up = 'each_period' then cast({{ ratio_round(
            'cast(items_in_force.amount_minor as numeric(38, 0)) * items_in_force.months_so_far',
            'items_in_force.months_in_all', 0
        ) }} as bigint)
        when items_in_force.months_so_far = items_in_force.months_in_all then items_in_force.amount_minor
    end as amount_to_date_minor,
    coalesce(posted_by_item.before_minor, 0) as before_minor,
    coalesce(posted_by_item.own_before_minor, 0) as own_before_minor
from items_in_force
left join posted_by_item
    on items_in_force.agreement_version_id = posted_by_item.agreement_version_id
    and items_in_force.item_number = posted_by_item.item_number
