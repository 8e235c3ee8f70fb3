{{ config(materialized='table', post_hook="analyze {{ this }}") }}

{#
    The steps of each path as the passes read them, with amounts in minor units of the lines' currency. Where the steps of a path leave
    a pass out, a row without rule hands the line on, so that pass after pass meets every line.
#}

with

paths as (

    select * from {{ ref('int_share_paths') }}

),

resolved_steps as (

    select * from {{ ref('int_resolved_steps') }}

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

steps as (

    select
        paths.path_id,
        resolved_steps.*,
        agreements.settlement_trigger,
        measure_currencies.currency_code as measure_currency_code,
        {{ minor_units_per_major('measure_currencies.minor_digits') }} as measure_minor_units,
        -- Amounts of the item in minor units of the line's currency, and what is measured in minor units of the item's.
        {{ minor_units_per_major('paths.minor_digits') }} * coalesce(to_line.fx_rate, 1) as line_minor_units,
        case
            when measure_currencies.currency_code = paths.currency_code then 1
            else from_line.fx_rate * {{ minor_units_per_major('measure_currencies.minor_digits') }} * {{ minor_to_major('1', 'paths.minor_digits') }}
        end as measure_factor
    from paths
    inner join resolved_steps on paths.resolution_id = resolved_steps.resolution_id
    inner join agreements on resolved_steps.agreement_version_id = agreements.agreement_version_id
    inner join currencies as measure_currencies
        on coalesce(resolved_steps.currency_code, paths.currency_code) = measure_currencies.currency_code
    -- Only pairs of two currencies are in this table; a missing pair has parked the accounts of that currency.
    left join fx_rates as to_line
        on agreements.fx_source = to_line.fx_source
        and resolved_steps.currency_code = to_line.from_currency_code
        and paths.currency_code = to_line.to_currency_code
    left join fx_rates as from_line
        on agreements.fx_source = from_line.fx_source
        and paths.currency_code = from_line.from_currency_code
        and resolved_steps.currency_code = from_line.to_currency_code

),

-- What tariffs ask for a line comes along with its facts.
tariff_counts as (

    select terms_id, max(tariff_number) as tariff_count
    from {{ ref('stg_catalog__agreement_steps') }}
    group by terms_id

),

-- Amounts that a later step builds on are kept along the line, in their order.
kept_amounts as (

    select
        needed.path_id,
        needed.pass_number,
        cast(
            row_number() over (partition by needed.path_id order by needed.pass_number)
            + {{ share_fact_count() }} + coalesce(tariff_counts.tariff_count, 0) as integer
        ) as place
    from (
        select path_id, base_pass_number as pass_number from steps where starts_hop
        union
        select path_id, basis_pass_number from steps
        union
        select path_id, other_basis_pass_number from steps
    ) as needed
    inner join paths on needed.path_id = paths.path_id
    left join tariff_counts on paths.terms_id = tariff_counts.terms_id
    where needed.pass_number is not null

),

passes as (

    select
        last_passes.path_id,
        cast(numbers.pass_number as integer) as pass_number
    from (
        select path_id, max(pass_number) as last_pass_number
        from steps
        group by path_id
    ) as last_passes
    cross join lateral generate_series(1, last_passes.last_pass_number) as numbers (pass_number)

)

select
    passes.path_id,
    passes.pass_number,
    -- All of what the tariff asks for the line.
    case steps.rule when 'tariff' then 'percent' else coalesce(steps.rule, 'none') end as rule,
    coalesce(steps.rule in ('tiers', 'fixed_once'), false) as is_measured,
    -- A hop below the root starts with what another step gave.
    case when steps.starts_hop then bases.place end as base_place,
    case
        when steps.rule = 'tariff' then {{ share_fact_count() }} + steps.tariff_number
        else {{ share_place('steps.basis', 'basis_amounts.place') }}
    end as basis_place,
    {{ share_place('steps.other_basis', 'other_basis_amounts.place') }} as other_basis_place,
    own_amounts.place is not null as is_amount_kept,
    steps.basis_choice,
    cast(case when steps.rule = 'tariff' then 1 else steps.percent * 0.01 end as numeric(38, 16)) as percent_part,
    steps.unit_amount * steps.line_minor_units as unit_amount,
    steps.fixed_amount * steps.line_minor_units as fixed_amount,
    trunc(steps.min_amount * steps.line_minor_units, 16) as min_amount,
    trunc(steps.max_amount * steps.line_minor_units, 16) as max_amount,
    coalesce(steps.is_cost, false) as is_cost,

    steps.terms_id,
    steps.step_number,
    steps.hop_number,
    steps.agreement_version_id,
    steps.agreement_id,
    steps.item_id,
    steps.payer_party_id,
    steps.receiver_party_id,
    steps.is_kept,
    steps.tax_category,

    steps.fixed_per,
    steps.tier_mode,
    steps.tier_of,
    steps.measured_over,
    steps.settlement_trigger,
    paths.currency_code,
    steps.measure_currency_code,
    steps.measure_factor,
    steps.measure_minor_units,
    steps.line_minor_units
from passes
inner join paths on passes.path_id = paths.path_id
left join steps
    on passes.path_id = steps.path_id
    and passes.pass_number = steps.pass_number
left join kept_amounts as own_amounts
    on passes.path_id = own_amounts.path_id
    and passes.pass_number = own_amounts.pass_number
left join kept_amounts as bases
    on steps.path_id = bases.path_id
    and steps.base_pass_number = bases.pass_number
left join kept_amounts as basis_amounts
    on steps.path_id = basis_amounts.path_id
    and steps.basis_pass_number = basis_amounts.pass_number
left join kept_amounts as other_basis_amounts
    on steps.path_id = other_basis_amounts.path_id
    and steps.other_basis_pass_number = other_basis_amounts.pass_number
