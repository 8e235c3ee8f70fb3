{#
    Draft double entry of bills, of what the operator pays and of what partners owe it: debits positive, credits negative, zero per
    transaction and currency. A cost in another currency than its payment meets it in fx_clearing, once in each currency. As an agent
    the operator owes the price to its principal; what it pays out of that is no cost, and what it keeps of it is its commission.
#}

with

{% if target.schema != 'settle' %}
bills as (

    select * from {{ ref('fct_customer_bills') }}

),

bill_credits as (

    select * from {{ ref('int_bill_credits') }}

),

{% endif %}
commissions as (

    select * from {{ ref('int_agent_commissions') }}

),

settlements as (

    select * from {{ ref('fct_party_settlements') }}

),

costs as (

    select * from {{ ref('int_settlement_costs') }}

),

run as (

    select * from {{ ref('int_run') }}

),

{% if target.schema != 'settle' %}
bill_entries as (

    select
        bill_key as transaction_key,
        1 as entry_order,
        'customer_receivable' as ledger_account,
        party_id,
        currency_code,
        gross_minor as amount_minor
    from bills

    union all

    select bill_key, entry_order, ledger_account, party_id, currency_code, amount_minor
    from bill_credits

),

{% endif %}
commission_entries as (

    select
        commissions.position_key as transaction_key,
        entries.entry_order,
        entries.ledger_account,
        commissions.principal_party_id as party_id,
        commissions.currency_code,
        entries.amount_minor
    from commissions
    cross join lateral (
        values
        (1, 'principal_payable', commissions.amount_minor),
        (2, 'commission_revenue', -commissions.amount_minor)
    ) as entries (entry_order, ledger_account, amount_minor)

),

paid_settlements as (

    select *
    from settlements
    where is_paid_by_operator

),

cost_entries as (

    select
        costs.settlement_key as transaction_key,
        entries.entry_order,
        entries.ledger_account,
        case when entries.ledger_account = 'principal_payable' then costs.principal_party_id else costs.receiver_party_id end as party_id,
        entries.currency_code,
        entries.amount_minor
    from costs
    cross join lateral (
        values
        (1, case when costs.principal_party_id is null then 'partner_cost' else 'principal_payable' end, costs.currency_code, costs.cost_minor, true),
        (2, 'fx_clearing', costs.currency_code, -costs.cost_minor, costs.currency_code <> costs.settlement_currency_code),
        (3, 'fx_clearing', costs.settlement_currency_code, costs.settlement_minor, costs.currency_code <> costs.settlement_currency_code)
    ) as entries (entry_order, ledger_account, currency_code, amount_minor, is_needed)
    where entries.is_needed

),

payable_entries as (

    select
        paid_settlements.settlement_key as transaction_key,
        entries.entry_order,
        entries.ledger_account,
        paid_settlements.receiver_party_id as party_id,
        paid_settlements.currency_code,
        entries.amount_minor
    from paid_settlements
    cross join lateral (
        values
        (4, 'input_tax', paid_settlements.tax_minor),
        (5, 'partner_payable', -paid_settlements.payment_minor),
        (6, 'withheld_tax_payable', -paid_settlements.withheld_minor),
        (7, 'retention_payable', -paid_settlements.retained_minor)
    ) as entries (entry_order, ledger_account, amount_minor)

),

-- What a partner owes for its usage of the operator's network.
receivable_entries as (

    select
        settlements.settlement_key as transaction_key,
        entries.entry_order,
        entries.ledger_account,
        settlements.payer_party_id as party_id,
        settlements.currency_code,
        entries.amount_minor
    from settlements
    inner join run on settlements.receiver_party_id = run.operator_party_id
    cross join lateral (
        values
        (1, 'partner_receivable', settlements.payment_minor),
        (2, 'withheld_tax_receivable', settlements.withheld_minor),
        (3, 'retention_receivable', settlements.retained_minor),
        (4, 'partner_revenue', -settlements.position_minor),
        (5, 'output_tax', -settlements.tax_minor)
    ) as entries (entry_order, ledger_account, amount_minor)
    where not settlements.is_paid_by_operator

),

entries_of_all_kinds as (

    {% if target.schema != 'settle' %}
    select * from bill_entries
    union all
    {% endif %}
    select * from cost_entries
    union all
    select * from payable_entries
    union all
    select * from commission_entries
    union all
    select * from receivable_entries

)

select
    run.bill_run_id,
    entries_of_all_kinds.transaction_key,
    cast(row_number() over (
        partition by entries_of_all_kinds.transaction_key
        order by
            entries_of_all_kinds.entry_order,
            entries_of_all_kinds.currency_code,
            entries_of_all_kinds.amount_minor,
            entries_of_all_kinds.party_id,
            entries_of_all_kinds.ledger_account
    ) as integer) as entry_number,
    entries_of_all_kinds.ledger_account,
    entries_of_all_kinds.party_id,
    entries_of_all_kinds.currency_code,
    entries_of_all_kinds.amount_minor
from entries_of_all_kinds
cross join run
where
    -- A bill of 0 still books its receivable and revenue; taxes that are 0 are not booked.
    entries_of_all_kinds.amount_minor <> 0
    or entries_of_all_kinds.ledger_account in ('customer_receivable', 'service_revenue', 'partner_payable', 'partner_receivable')
