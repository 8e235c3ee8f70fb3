-- The five roles of every hop in one place: towards the customer (hop 0, parties' legal entities), and between partners below.
-- Between partners who is paid supplies and collects, and the document says who writes the invoice.
create view catalog.hop_roles with (security_invoker = true) as
select roles.book_id, 0 as hop_number, roles.offering_id, agreements.agreement_id, agreements.version, null::text as item_id,
    agreements.effective_from, agreements.effective_until, roles.legal_entity_id as supplier,
    roles.issuer_legal_entity_id as issuer, roles.mandate, roles.brand_id as brand,
    roles.collector_legal_entity_id as collector, roles.revenue_as, roles.principal_party_id, roles.revenue_reason,
    roles.revenue_approved_by, roles.revenue_approved_on
from catalog.customer_roles as roles
left join catalog.agreements using (agreement_version_id)
union
select agreements.book_id, steps.hop_number, null, agreements.agreement_id, agreements.version, steps.item_id,
    agreements.effective_from, agreements.effective_until, coalesce(steps.receiver_party_id, steps.receiver_role),
    case agreements.document_kind
        when 'self_billed' then steps.payer_party_id
        else coalesce(steps.receiver_party_id, steps.receiver_role)
    end,
    null, null, coalesce(steps.receiver_party_id, steps.receiver_role), agreements.revenue_as, agreements.principal_party_id,
    null, null, null
from catalog.agreement_steps as steps
join catalog.agreements using (agreement_version_id)
where not steps.is_kept;
