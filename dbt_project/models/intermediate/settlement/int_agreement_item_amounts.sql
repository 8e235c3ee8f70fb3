{{ config(materialized='table') }}

{#
    What each guarantee, cap, advance and fee adds to or takes from this run. An item is a function E of what has been
    earned in its measurement so far, and gives E(so far) less what it gave in posted periods: so months add up to the year,
    a late line corrects a true-up, and a second run of a period adds only the difference. One pass per place in the order:
    an item sees the shares and the items before it.
#}

{% set item_count = 8 %}

with

positions as (

    select * from {{ ref('fct_positions') }}

),

items as (

    select * from {{ ref('int_agreement_items_in_run') }}

),

shares as (

    select
        agreement_id,
        receiver_party_id,
        settlement_currency_code as currency_code,
        cast(sum(settlement_amount_minor) as bigint) as amount_minor
    from positions
    where not is_kept and agreement_id is not null
    group by agreement_id, receiver_party_id, settlement_currency_code

),

state_0 as (

    select
        receivers.agreement_id,
        receivers.receiver_party_id,
        receivers.currency_code,
        coalesce(shares.amount_minor, 0) as run_minor
    from (select distinct agreement_id, receiver_party_id, currency_code from items) as receivers
    left join shares using (agreement_id, receiver_party_id, currency_code)

),

{% for number in range(1, item_count + 1) %}
effect_{{ number }} as (

    select
        items.*,
        items.before_minor + state.run_minor as basis_minor,
        case items.item_kind
            when 'minimum_guarantee' then coalesce(greatest(items.amount_to_date_minor - items.before_minor - state.run_minor, 0), 0)
            when 'cap' then least(items.amount_to_date_minor - items.before_minor - state.run_minor, 0)
            when 'recoupment' then -least(
                items.amount_to_date_minor,
                {{ round_to_minor('greatest(items.before_minor + state.run_minor, 0) * items.percent * 0.01', 0) }}
            )
            when 'fee' then case when items.is_taken_off then -items.amount_to_date_minor else items.amount_to_date_minor end
        end - items.own_before_minor as amount_minor
    from items
    inner join state_{{ number - 1 }} as state using (agreement_id, receiver_party_id, currency_code)
    where items.item_number = {{ number }}

),

state_{{ number }} as (

    select
        state.agreement_id,
        state.receiver_party_id,
        state.currency_code,
        cast(state.run_minor + coalesce(effect.amount_minor, 0) as bigint) as run_minor
    from state_{{ number - 1 }} as state
    left join effect_{{ number }} as effect using (agreement_id, receiver_party_id, currency_code)

),

{% endfor %}
effects as (

    {% for number in range(1, item_count + 1) %}
    select * from effect_{{ number }}
    {{ 'union all' if not loop.last }}
    {% endfor %}

)

select
    agreement_version_id,
    agreement_id,
    item_number,
    item_id,
    item_kind,
    payer_party_id,
    receiver_party_id,
    currency_code,
    cast(basis_minor as bigint) as basis_minor,
    cast(amount_minor as bigint) as amount_minor
from effects
where amount_minor <> 0
