{{ config(meta={
    'dagster': {'ref': {'name': 'fct_journal_lines'}},
    'description': "Debits and credits of every transaction are equal in each currency."
}) }}

-- Guards settlements in another currency: without both clearing entries, cost and payable meet in no currency.

select transaction_key, currency_code, sum(amount_minor) as balance_minor
from {{ ref('fct_journal_lines') }}
group by transaction_key, currency_code
having sum(amount_minor) <> 0
