{#
    The part of a document's payment that waits for the end of a dispute. It follows the payment: what comes off the position less comes
    off with its share of VAT and withholding. Of a position of 100 with 23 percent VAT, paid 123, a dispute about -10 holds 12.30.
#}

select
    documents.settlement_key,
    agreements.agreement_id,
    documents.payer_party_id,
    documents.receiver_party_id,
    documents.currency_code,
    documents.issue_date + agreements.raise_within_days as raise_until,
    agreements.answer_within_days,
    agreements.escalate_after_days,
    case
        when %(disputed_minor)s < 0 and documents.position_minor > 0 and documents.payment_minor > 0
            then least(
                documents.payment_minor,
                cast({{ ratio_round(
                    'cast(-%(disputed_minor)s as numeric(38, 0)) * documents.payment_minor', 'documents.position_minor', 0
                ) }} as bigint)
            )
        else 0
    end as held_minor
from {{ recorded('ledger', 'settlement_documents') }} as documents
inner join {{ recorded('ledger', 'document_agreements') }} as agreements on documents.settlement_key = agreements.settlement_key
where documents.document_number = %(document_number)s and agreements.agreement_id = %(agreement_id)s
order by agreements.effective_from desc
limit 1
