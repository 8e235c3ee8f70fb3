{{ config(materialized='table', post_hook='analyze {{ this }}') }}

{#
    Who shares which allowance: every product in scope that may draw from an allowance, with the pool it draws from and what it
    adds to it. A product adds the quantity of the allowances that its own offering, or a component of its bundle, has.

    Accounts of a group share only within one bill period, so that what is handed out belongs to one period and one run.
#}

with

products as (

    select * from {{ ref('int_products_dated') }}
    where is_in_scope

),

account_windows as (

    select * from {{ ref('int_account_windows') }}

),

offerings as (

    select * from {{ ref('stg_catalog__offerings') }}

),

components as (

    select * from {{ ref('stg_catalog__bundle_components') }}

),

draws as (

    select * from {{ ref('int_allowance_draws') }}

),

allowances as (

    select distinct
        offering_id, allowance_id, pass_number, shared_by, is_prorated, is_money, rollover_expiry, quantity_scale,
        allowance_units, rollover_maximum_units
    from draws

),

offering_parts as (

    select
        offering_id as product_offering_id,
        offering_id as part_offering_id
    from offerings

    union

    select
        bundle_offering_id,
        component_offering_id
    from components

),

-- Local days of each product in its account's period, for allowances that shrink with them; late usage alone leaves none.
product_days as (

    select
        products.product_number,
        products.product_id,
        products.account_id,
        products.offering_id,
        products.seller_party_id,
        account_windows.period_start,
        account_windows.period_end,
        max(account_windows.period_end_date - account_windows.period_start_date) as period_days,
        sum(greatest(
            least(cast(products.effective_until at time zone account_windows.time_zone as date), account_windows.period_end_date)
            - greatest(cast(products.effective_from at time zone account_windows.time_zone as date), account_windows.period_start_date),
            0
        )) as covered_days,
        bool_or(
            products.effective_from < account_windows.period_end and products.effective_until > account_windows.period_start
        ) as is_in_period
    from products
    inner join account_windows on products.account_id = account_windows.account_id
    group by
        products.product_number, products.product_id, products.account_id, products.offering_id, products.seller_party_id,
        account_windows.period_start, account_windows.period_end

),

groups_in_force as (

    select * from {{ ref('int_account_groups') }}

),

overrides as (

    {{ allowance_overrides('product_days') }}

),

{%- set own_units = own_allowance('overrides.quantity', 'allowances') %}

holders as (

    select
        product_days.product_number,
        allowances.offering_id,
        allowances.allowance_id,
        case
            when not product_days.is_in_period then 0
            when allowances.is_prorated
                then cast({{ ratio_round(own_units ~ ' * product_days.covered_days', 'product_days.period_days', 0) }} as bigint)
            else {{ own_units }}
        end as granted_units,
        {{ own_allowance('overrides.late_quantity', 'allowances') }} as granted_late_units
    from product_days
    inner join offering_parts on product_days.offering_id = offering_parts.product_offering_id
    inner join allowances on offering_parts.part_offering_id = allowances.offering_id
    left join overrides
        on
            product_days.product_number = overrides.product_number
            and allowances.offering_id = overrides.offering_id
            and allowances.allowance_id = overrides.allowance_id

),

drawers as (

    select distinct
        product_days.product_number,
        draws.allowance_set_number,
        draws.offering_id,
        draws.allowance_id
    from product_days
    inner join offering_parts on product_days.offering_id = offering_parts.product_offering_id
    inner join draws on offering_parts.part_offering_id = draws.charged_offering_id

),

-- A product can add to a pool that it does not draw from: then it has no set of allowances.
members as (

    select
        coalesce(drawers.product_number, holders.product_number) as product_number,
        drawers.allowance_set_number,
        coalesce(drawers.offering_id, holders.offering_id) as offering_id,
        coalesce(drawers.allowance_id, holders.allowance_id) as allowance_id,
        coalesce(holders.granted_units, 0) as granted_units,
        coalesce(holders.granted_late_units, 0) as granted_late_units
    from drawers
    full join holders
        on
            drawers.product_number = holders.product_number
            and drawers.offering_id = holders.offering_id
            and drawers.allowance_id = holders.allowance_id

)

select
    product_days.product_number,
    product_days.account_id,
    members.allowance_set_number,
    members.offering_id,
    members.allowance_id,
    allowances.pass_number,
    allowances.shared_by,
    case allowances.shared_by
        when 'product'
            then product_days.product_id || '/' || product_days.account_id || '/' || product_days.offering_id
                || coalesce('/' || product_days.seller_party_id, '')
        when 'account' then product_days.account_id
        else coalesce('group ' || groups_in_force.group_id, product_days.account_id)
    end as shared_id,
    -- All usage of products that share anything is put in one order: that of their group, or of their account.
    case
        when bool_or(allowances.shared_by <> 'product') over (partition by product_days.product_number)
            then coalesce('group ' || groups_in_force.group_id, product_days.account_id)
    end as common_id,
    product_days.period_start,
    product_days.period_end,
    allowances.is_money,
    allowances.rollover_expiry,
    allowances.quantity_scale,
    allowances.rollover_maximum_units,
    members.granted_units,
    members.granted_late_units
from members
inner join product_days on members.product_number = product_days.product_number
inner join allowances on members.offering_id = allowances.offering_id and members.allowance_id = allowances.allowance_id
left join groups_in_force on product_days.account_id = groups_in_force.account_id
