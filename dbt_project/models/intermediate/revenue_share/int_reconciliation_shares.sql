{# Both sides of the equations from lines over shares to positions, hop by hop. #}

with

lines as (

    select * from {{ ref('fct_applied_billing_rates') }}

),

shares as (

    select * from {{ ref('fct_revenue_shares') }}

),

steps as (

    select * from {{ ref('stg_catalog__agreement_steps') }}

),

positions as (

    select * from {{ ref('fct_positions') }}
    -- What tariffs of agreements give is no part of any line.
    where hop_number > 0 or agreement_id is null

),

positions_split as (

    select * from {{ ref('int_positions_split') }}

),

lines_by_currency as (

    select currency_code, cast(sum(amount_minor) as numeric(38, 16)) as amount_minor
    from lines
    group by currency_code

),

shares_by_step as (

    select
        terms_id,
        step_number,
        hop_number,
        agreement_version_id,
        currency_code,
        cast(sum(base_exact) as numeric(38, 16)) as base_exact,
        cast(sum(amount_exact) as numeric(38, 16)) as amount_exact,
        count(*) as share_count
    from shares
    group by terms_id, step_number, hop_number, agreement_version_id, currency_code

),

-- Every hop of a line ends with one step that takes the rest, so the bases of those steps are the bases of the hops.
shares_by_hop as (

    select
        greatest(shares_by_step.hop_number, 1) as hop_number,
        shares_by_step.currency_code,
        cast(sum(shares_by_step.amount_exact) as numeric(38, 16)) as amount_exact,
        cast(sum(shares_by_step.base_exact) filter (
            where shares_by_step.terms_id is null or steps.rule = 'remaining'
        ) as numeric(38, 16)) as base_exact,
        cast(sum(shares_by_step.share_count) as bigint) as share_count
    from shares_by_step
    left join steps
        on shares_by_step.terms_id = steps.terms_id
        and shares_by_step.step_number = steps.step_number
    group by greatest(shares_by_step.hop_number, 1), shares_by_step.currency_code

),

-- Lines of agreements with a settlement calendar of their own are not in the positions of a bill run.
settled_by_currency as (

    {% if target.schema == 'settle' -%}
    select currency_code, cast(sum(amount_exact) as numeric(38, 16)) as amount_exact
    from {{ ref('int_settlement_shares') }}
    where hop_number = 1 or (hop_number = 0 and agreement_id is null)
    group by currency_code
    {%- else -%}
    select shares_by_step.currency_code, cast(sum(shares_by_step.amount_exact) as numeric(38, 16)) as amount_exact
    from shares_by_step
    left join {{ ref('int_agreements_settled') }} as agreements_settled
        on shares_by_step.agreement_version_id = agreements_settled.agreement_version_id
    where shares_by_step.hop_number <= 1
        and (shares_by_step.agreement_version_id is null or agreements_settled.agreement_version_id is not null)
    group by shares_by_step.currency_code
    {%- endif %}

),

-- A hop whose hop above is settled by another calendar has a base of its own.
bases_of_their_own as (

    select positions.hop_number, positions.currency_code, cast(sum(positions_split.amount_minor) as numeric(38, 16)) as base_minor
    from positions_split
    inner join positions on positions_split.position_key = positions.position_key
    where positions_split.base_position_key is null
    group by positions.hop_number, positions.currency_code

),

positions_by_hop as (

    select
        greatest(hop_number, 1) as hop_number,
        currency_code,
        cast(sum(amount_minor) as numeric(38, 16)) as amount_minor,
        count(*) as position_count
    from positions
    group by greatest(hop_number, 1), currency_code

),

bases_passed_on as (

    select
        base_position_key,
        max(hop_number) as hop_number,
        cast(coalesce(sum(amount_minor) filter (where position_key is null), 0) as bigint) as not_passed_on_minor
    from positions_split
    where base_position_key is not null
    group by base_position_key

),

bases_by_hop as (

    select
        bases_passed_on.hop_number,
        base_positions.currency_code,
        cast(sum(base_positions.amount_minor - bases_passed_on.not_passed_on_minor) as numeric(38, 16)) as passed_on_minor
    from bases_passed_on
    inner join positions as base_positions on bases_passed_on.base_position_key = base_positions.position_key
    group by bases_passed_on.hop_number, base_positions.currency_code

)

select
    'hop_' || shares_by_hop.hop_number || '_shares_are_its_base' as check_name,
    currency_code,
    coalesce(shares_by_hop.amount_exact, 0) as left_value,
    coalesce(case when shares_by_hop.hop_number > 1 then shares_by_hop.base_exact else lines_by_currency.amount_minor end, 0)
        as right_value,
    shares_by_hop.share_count as rows_looked_at
from shares_by_hop
left join lines_by_currency using (currency_code)

union all

select
    'hop_' || positions_by_hop.hop_number || '_positions_are_its_base',
    currency_code,
    positions_by_hop.amount_minor,
    case
        when positions_by_hop.hop_number > 1 then coalesce(bases_by_hop.passed_on_minor, 0) + coalesce(bases_of_their_own.base_minor, 0)
        else coalesce(settled_by_currency.amount_exact, 0)
    end,
    positions_by_hop.position_count
from positions_by_hop
left join settled_by_currency using (currency_code)
left join bases_by_hop using (hop_number, currency_code)
left join bases_of_their_own using (hop_number, currency_code)

union all

-- Lines in a currency without any share would otherwise be compared with nothing.
select
    'hop_1_shares_are_its_base',
    currency_code,
    0,
    lines_by_currency.amount_minor,
    0
from lines_by_currency
left join shares_by_hop using (currency_code)
where shares_by_hop.currency_code is null
