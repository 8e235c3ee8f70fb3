{{ config(pre_hook=sharing_session()) }}

{#
    The run's own accounting. An equation over nothing stands here with 0 rows, so that an empty run cannot look like a
    run without mistakes; NaN equals itself in PostgreSQL and is therefore refused by name.
#}

{% set equations = [
    ('documents_are_positions_and_tax', 'partner documents = positions to settle + agreement items + tax'),
    ('payments_are_documents_less_withheld', 'payments = partner documents - tax withheld - retention'),
    ('journal_balances_per_transaction', 'what transactions are out of balance = 0'),
    ('journal_payables_are_payments', 'payables in the journal = payments by the operator'),
    ('positions_are_settled_shares', 'positions of agreements = the shares that are settled, exact'),
] %}
{% if target.schema == 'settle' %}
    {% set equations = equations + [('payments_are_allocated_or_left_over', 'money from customers = paid on bills + paid beyond them or on no bill')] %}
{% endif %}
{% if target.schema != 'settle' %}
    {% set equations = [
        ('usage_is_rated_or_suspended', 'accepted usage of the window = rated + suspended'),
        ('party_usage_is_rated_or_suspended', 'usage that tariffs of agreements cover, once for each = rated + suspended'),
        ('rated_usage_is_usage_charges', 'rated usage = usage charges, exact, in major units of the price currency'),
        ('charges_are_lines_or_parked', 'charges = bill lines + charges of parked accounts, exact, in major units of the price currency'),
        ('accounts_are_billed_parked_or_nothing', 'accounts and agreements in scope = billed or settled + parked + nothing to bill'),
        ('lines_are_bills_net', 'bill lines = net of the bills'),
        ('tax_bases_are_bills_net', 'tax bases = net of the bills'),
        ('bills_gross_is_net_and_tax', 'gross of the bills = net + tax'),
        ('party_charges_are_lines_or_parked', 'usage rated by tariffs of agreements = party lines + those of parked agreements, exact'),
        ('party_positions_are_their_lines', 'positions of tariffs = party lines that are settled in this run, exact, in minor units'),
        ('hop_1_shares_are_its_base', 'shares and kept parts of the first hop = bill lines, exact'),
        ('hop_1_positions_are_its_base', 'positions of the first hop = bill lines'),
        ('journal_receivables_are_bills_gross', 'receivables in the journal = gross of the bills'),
    ] + equations %}
{% endif %}

with

run as (

    select * from {{ ref('int_run') }}

),

{% if target.schema != 'settle' %}
usage_equations as (

    select * from {{ ref('int_reconciliation_usage') }}

),

billing_equations as (

    select * from {{ ref('int_reconciliation_billing') }}

),

share_equations as (

    select * from {{ ref('int_reconciliation_shares') }}

),

{% endif %}
settlement_equations as (

    select * from {{ ref('int_reconciliation_settlement') }}

),

both_sides as (

    {% if target.schema != 'settle' %}
    select check_name, currency_code, left_value, right_value, rows_looked_at from usage_equations
    union all
    select check_name, currency_code, left_value, right_value, rows_looked_at from billing_equations
    union all
    select check_name, currency_code, left_value, right_value, rows_looked_at from share_equations
    union all
    {% endif %}
    select check_name, currency_code, left_value, right_value, rows_looked_at from settlement_equations

),

equations as (

    select check_name, description
    from (
        values
        {% for check_name, description in equations %}
        ('{{ check_name }}', '{{ description }}'){{ ',' if not loop.last }}
        {% endfor %}
    ) as listed (check_name, description)

),

-- Hops beyond the first are checked as far as the run's chains go; every other equation is there even over nothing.
equations_compared as (

    select
        check_name,
        coalesce(
            equations.description,
            'what hop ' || substring(check_name from '[0-9]+') || ' gives = what it received, '
            || case when check_name like '%shares%' then 'exact' else 'in positions' end
        ) as description,
        coalesce(both_sides.currency_code, '') as currency_code,
        coalesce(both_sides.left_value, 0) as left_value,
        coalesce(both_sides.right_value, 0) as right_value,
        coalesce(both_sides.rows_looked_at, 0) as rows_looked_at
    from equations
    full join both_sides using (check_name)

)

select
    run.bill_run_id,
    equations_compared.check_name,
    equations_compared.description,
    equations_compared.currency_code,
    cast(equations_compared.left_value as numeric(38, 16)) as left_value,
    cast(equations_compared.right_value as numeric(38, 16)) as right_value,
    cast(equations_compared.rows_looked_at as bigint) as rows_looked_at,
    equations_compared.left_value = equations_compared.right_value
    and equations_compared.left_value <> 'NaN' as is_equal
from equations_compared
cross join run
