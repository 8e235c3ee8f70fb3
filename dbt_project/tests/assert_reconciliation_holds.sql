{{ config(meta={
    'dagster': {'ref': {'name': 'fct_reconciliation'}},
    'description': "Both sides of every equation are equal, from accepted usage to payments and the journal."
}) }}

-- Guards the joins between models: a row lost or doubled on the way changes one side only.

select *
from {{ ref('fct_reconciliation') }}
where not is_equal
