{# Both sides of the equations from positions to documents, payments and the journal. #}

with

positions as (

    select * from {{ ref('fct_positions') }}

),

position_items as (

    select * from {{ ref('int_position_items') }}

),

settlements as (

    select * from {{ ref('fct_party_settlements') }}

),

journal_lines as (

    select * from {{ ref('fct_journal_lines') }}

),

{% if target.schema != 'settle' %}
bills as (

    select * from {{ ref('fct_customer_bills') }}

),

{% endif %}
-- Shares as the positions have them, and what agreements and people added to them.
positions_to_settle as (

    select
        currency_code,
        cast(sum(amount_minor) as numeric(38, 16)) as position_minor
    from (
        select settlement_currency_code as currency_code, settlement_amount_minor as amount_minor
        from positions
        where not is_kept
        union all
        select currency_code, amount_minor
        from position_items
        where item_kind not in ('share', 'usage')
    ) as all_items
    group by currency_code

),

settlements_by_currency as (

    select
        currency_code,
        cast(sum(tax_minor) as numeric(38, 16)) as tax_minor,
        cast(sum(document_minor) as numeric(38, 16)) as document_minor,
        cast(sum(withheld_minor) as numeric(38, 16)) as withheld_minor,
        cast(sum(retained_minor) as numeric(38, 16)) as retained_minor,
        cast(sum(payment_minor) as numeric(38, 16)) as payment_minor,
        cast(coalesce(sum(payment_minor) filter (where is_paid_by_operator), 0) as numeric(38, 16)) as paid_by_operator_minor,
        count(*) as settlement_count
    from settlements
    group by currency_code

),

transactions as (

    select
        transaction_key,
        currency_code,
        cast(sum(amount_minor) as numeric(38, 16)) as balance_minor,
        cast(coalesce(sum(amount_minor) filter (where ledger_account = 'customer_receivable'), 0) as numeric(38, 16)) as receivable_minor,
        cast(coalesce(sum(amount_minor) filter (where ledger_account = 'partner_payable'), 0) as numeric(38, 16)) as payable_minor,
        count(*) as entry_count
    from journal_lines
    group by transaction_key, currency_code

),

journal_by_currency as (

    select
        currency_code,
        cast(sum(abs(balance_minor)) as numeric(38, 16)) as out_of_balance_minor,
        cast(sum(receivable_minor) as numeric(38, 16)) as receivable_minor,
        cast(sum(payable_minor) as numeric(38, 16)) as payable_minor,
        cast(sum(entry_count) as bigint) as entry_count
    from transactions
    group by currency_code

),

settled_shares as (

    select
        currency_code,
        cast(sum(amount_exact) as numeric(38, 16)) as amount_exact,
        cast(sum(share_count) as bigint) as share_count
    from (
        select currency_code, amount_exact, share_count from {{ ref('fct_settled_shares') }}
        {% if target.schema == 'settle' %}
        union all
        select currency_code, amount_exact, 1 from {{ ref('fct_adjusted_shares') }}
        {% endif %}
    ) as shares
    group by currency_code

),

positions_of_agreements as (

    select
        currency_code,
        cast(sum(amount_exact) as numeric(38, 16)) as amount_exact
    from positions
    where agreement_id is not null
    group by currency_code

){% if target.schema != 'settle' %},

bills_by_currency as (

    select currency_code, cast(sum(gross_minor) as numeric(38, 16)) as gross_minor
    from bills
    group by currency_code

)
{% endif %}

select
    'documents_are_positions_and_tax' as check_name,
    currency_code,
    coalesce(settlements_by_currency.document_minor, 0) as left_value,
    coalesce(positions_to_settle.position_minor, 0) + coalesce(settlements_by_currency.tax_minor, 0) as right_value,
    coalesce(settlements_by_currency.settlement_count, 0) as rows_looked_at
from settlements_by_currency
full join positions_to_settle using (currency_code)

union all

select 'payments_are_documents_less_withheld', currency_code, payment_minor, document_minor - withheld_minor - retained_minor, settlement_count
from settlements_by_currency

union all

select 'journal_balances_per_transaction', currency_code, out_of_balance_minor, 0, entry_count
from journal_by_currency

union all

{% if target.schema != 'settle' %}
select
    'journal_receivables_are_bills_gross',
    currency_code,
    coalesce(journal_by_currency.receivable_minor, 0),
    coalesce(bills_by_currency.gross_minor, 0),
    coalesce(journal_by_currency.entry_count, 0)
from journal_by_currency
full join bills_by_currency using (currency_code)

union all

{% endif %}
select
    'journal_payables_are_payments',
    currency_code,
    -coalesce(journal_by_currency.payable_minor, 0),
    coalesce(settlements_by_currency.paid_by_operator_minor, 0),
    coalesce(journal_by_currency.entry_count, 0)
from journal_by_currency
full join settlements_by_currency using (currency_code)

union all

select
    'positions_are_settled_shares',
    currency_code,
    coalesce(positions_of_agreements.amount_exact, 0),
    coalesce(settled_shares.amount_exact, 0),
    coalesce(settled_shares.share_count, 0)
from positions_of_agreements
full join settled_shares using (currency_code)

{% if target.schema == 'settle' %}
union all

select
    'payments_are_allocated_or_left_over',
    currency_code,
    paid_minor,
    collected_minor + left_over_minor,
    payment_count
from {{ ref('int_payments_by_currency') }}
{% endif %}
