{#
    From positions to documents to payments: what one party owes another in one currency. The receiver of the money is the
    supplier for tax and the payer is the receiver of the supply. Kept positions are owed to nobody. Money that was collected for a
    partner is passed on without tax: the tax in it is the partner's own.
#}

with

position_items as (

    select * from {{ ref('int_position_items') }}

),

payment_items as (

    select * from {{ ref('int_payment_items') }}

),

run as (

    select * from {{ ref('int_run') }}

),

parties as (

    select * from {{ ref('int_parties_in_force') }}

),

tax_rules as (

    select * from {{ ref('int_tax_rules_in_run') }}
    where tax_id = 'vat'

),

positions_by_document as (

    select
        settlement_key,
        payer_party_id,
        receiver_party_id,
        currency_code,
        document_kind,
        tax_category,
        cast(sum(amount_minor) as bigint) as position_minor,
        -- Agreements with different terms of payment share a document; paying all on the earliest day is never late.
        min(due_days) as due_days
    from position_items
    group by settlement_key, payer_party_id, receiver_party_id, currency_code, document_kind, tax_category

),

payment_items_by_document as (

    select
        settlement_key,
        cast(coalesce(-sum(amount_minor) filter (where item_kind = 'withholding'), 0) as bigint) as withheld_minor,
        cast(coalesce(-sum(amount_minor) filter (where item_kind = 'retention'), 0) as bigint) as retained_minor,
        max(retention_days) as retention_days
    from payment_items
    group by settlement_key

),

documents as (

    select
        run.bill_run_id,
        run.period_id,
        run.issue_date,
        run.operator_party_id,
        positions_by_document.*,
        jsonb_build_object(
            'name', receivers.name,
            'address_lines', receivers.address_lines,
            'country_code', receivers.country_code,
            'tax_number', receivers.tax_number,
            'language_code', receivers.language_code,
            'bank_account', receivers.bank_account
        ) as receiver,
        case when positions_by_document.tax_category = 'collected' then 'outside_scope' else tax_rules.treatment end as tax_treatment,
        cast(
            case when positions_by_document.tax_category = 'collected' then 0 else tax_rules.rate_percent end as numeric(7, 4)
        ) as tax_rate_percent,
        tax_rules.mention as tax_mention,
        {{ round_to_minor('positions_by_document.position_minor * coalesce(tax_rules.rate_percent, 0) * 0.01', 0) }} as tax_minor,
        coalesce(payment_items_by_document.withheld_minor, 0) as withheld_minor,
        coalesce(payment_items_by_document.retained_minor, 0) as retained_minor,
        payment_items_by_document.retention_days
    from positions_by_document
    cross join run
    inner join parties as receivers on positions_by_document.receiver_party_id = receivers.party_id
    inner join parties as payers on positions_by_document.payer_party_id = payers.party_id
    left join tax_rules
        on receivers.country_code = tax_rules.supplier_country_code
        and payers.country_code = tax_rules.receiver_country_code
        and payers.tax_status = tax_rules.receiver_status
        and positions_by_document.tax_category = tax_rules.tax_category
    left join payment_items_by_document on positions_by_document.settlement_key = payment_items_by_document.settlement_key
    where tax_rules.treatment is not null or positions_by_document.tax_category = 'collected'

)

select
    bill_run_id,
    period_id,
    settlement_key,
    payer_party_id,
    receiver_party_id,
    receiver,
    document_kind,
    currency_code,
    position_minor,
    tax_category,
    tax_treatment,
    tax_rate_percent,
    tax_mention,
    tax_minor,
    position_minor + tax_minor as document_minor,
    withheld_minor,
    position_minor + tax_minor - withheld_minor - retained_minor as payment_minor,
    issue_date + due_days as due_date,
    payer_party_id = operator_party_id as is_paid_by_operator,
    retained_minor,
    issue_date + retention_days as retention_release_date
from documents
