{{ config(materialized='table') }}

{#
    Everything that makes up the position of a document, signed as the receiver sees it: shares, agreement items,
    adjustments that a person added, and the gross-up where the payer bears the tax withheld. Money collected for a partner
    who supplied the customer stands on a document of its own.
#}

with

run as (

    select * from {{ ref('int_run') }}

),

agreements as (

    select * from {{ ref('stg_catalog__agreements') }}

),

withholding as (

    select * from {{ ref('int_withholding_in_run') }}

),

items_before_gross_up as (

    select * from {{ ref('int_items_before_gross_up') }}

),

{% if target.schema != 'settle' %}
collected as (

    select * from {{ ref('int_collected_for_partners') }}

),

{% endif %}
sums_to_gross_up as (

    select
        items_before_gross_up.agreement_version_id,
        items_before_gross_up.payer_party_id,
        items_before_gross_up.receiver_party_id,
        items_before_gross_up.currency_code,
        items_before_gross_up.tax_category,
        withholding.rate_percent,
        cast(sum(items_before_gross_up.amount_minor) as numeric(38, 0)) as net_minor
    from items_before_gross_up
    inner join withholding
        on items_before_gross_up.agreement_version_id = withholding.agreement_version_id
        and items_before_gross_up.receiver_party_id = withholding.receiver_party_id
    where withholding.is_grossed_up and withholding.rate_percent < 100
    group by
        items_before_gross_up.agreement_version_id,
        items_before_gross_up.payer_party_id,
        items_before_gross_up.receiver_party_id,
        items_before_gross_up.currency_code,
        items_before_gross_up.tax_category,
        withholding.rate_percent

),

-- Net 7,000 at 20 percent: gross 8,750, of which 1,750 are withheld. The gross-up is net * rate / (100 - rate).
gross_ups as (

    select
        {{ natural_key([
            "'gross up'", 'run.period_id', 'run.run_sequence', 'agreements.agreement_id', 'agreements.version',
            'sums_to_gross_up.receiver_party_id', 'sums_to_gross_up.currency_code', 'sums_to_gross_up.tax_category'
        ]) }} as item_key,
        'gross_up' as item_kind,
        sums_to_gross_up.agreement_version_id,
        'gross_up' as item_id,
        sums_to_gross_up.payer_party_id,
        sums_to_gross_up.receiver_party_id,
        sums_to_gross_up.currency_code,
        sums_to_gross_up.tax_category,
        cast(sums_to_gross_up.net_minor as bigint) as basis_minor,
        sums_to_gross_up.rate_percent,
        cast({{ ratio_round(
            'sums_to_gross_up.net_minor * sums_to_gross_up.rate_percent', '(100 - sums_to_gross_up.rate_percent)', 0
        ) }} as bigint) as amount_minor,
        cast(null as text) as reference
    from sums_to_gross_up
    cross join run
    inner join agreements on sums_to_gross_up.agreement_version_id = agreements.agreement_version_id

),

items as (

    select * from items_before_gross_up
    union all
    select * from gross_ups

)

select
    {{ natural_key([
        "'settlement'", 'run.period_id', 'run.run_sequence', 'items.payer_party_id', 'items.receiver_party_id',
        'items.currency_code', 'agreements.document_kind', 'items.tax_category'
    ]) }} as settlement_key,
    items.*,
    agreements.agreement_id,
    agreements.document_kind,
    agreements.due_days,
    agreements.retention_percent,
    agreements.retention_days
from items
cross join run
inner join agreements on items.agreement_version_id = agreements.agreement_version_id
{% if target.schema != 'settle' %}

union all

select
    {{ natural_key([
        "'settlement'", 'run.period_id', 'run.run_sequence', 'collected.payer_party_id', 'collected.receiver_party_id',
        'collected.currency_code', "'statement'", "'collected'"
    ]) }} as settlement_key,
    collected.item_key,
    'collected' as item_kind,
    cast(null as integer) as agreement_version_id,
    'collected' as item_id,
    collected.payer_party_id,
    collected.receiver_party_id,
    collected.currency_code,
    'collected' as tax_category,
    cast(null as bigint) as basis_minor,
    cast(null as numeric(13, 10)) as rate_percent,
    collected.amount_minor,
    collected.reference,
    cast(null as text) as agreement_id,
    'statement' as document_kind,
    collected.due_days,
    cast(null as numeric(13, 10)) as retention_percent,
    cast(null as integer) as retention_days
from collected
cross join run
{% endif %}
