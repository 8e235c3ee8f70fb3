"""Settlement terms of an agreement version as rows: its columns of ``catalog.agreements`` and its items per period.

Belongs here: what ``models.settlement`` says, as the catalog keeps it.
Belongs elsewhere: the agreement's other columns (``loading.agreements``).
"""

from collections.abc import Iterator, Mapping
from typing import Any

from assets.catalog.book import Book, dump, sha256_of
from assets.catalog.models.agreement import Agreement, AgreementVersion
from assets.catalog.models.settlement import Settlement

ITEM_COLUMNS = (
    "agreement_version_id",
    "item_number",
    "item_id",
    "item_kind",
    "receiver_party_id",
    "amount",
    "measurement_period",
    "true_up",
    "percent",
    "is_taken_off",
    "is_prorated",
)


def settlement_values(terms: Settlement) -> dict[str, Any]:
    """Columns of ``catalog.agreements`` with their values."""
    return {
        "settlement_currency_code": terms.currency,
        "fx_source": terms.fx_source,
        "settlement_cycle": terms.cycle,
        "settlement_time_zone": terms.time_zone,
        "cut_off_days": terms.cut_off_days,
        "settlement_trigger": terms.trigger,
        "payment_allocation": terms.payment_allocation,
        "due_days": terms.due_days,
        "document_kind": terms.document,
        "tax_category": terms.tax_category,
        "payment_class": terms.withholding.payment_class if terms.withholding else None,
        "is_grossed_up": terms.withholding is not None and terms.withholding.borne_by == "payer",
        "retention_percent": terms.retention.percent if terms.retention else None,
        "retention_days": terms.retention.release_days if terms.retention else None,
        "self_billing_days": terms.self_billing.accept_within_days if terms.self_billing else None,
        "silence_accepts": terms.self_billing is not None and terms.self_billing.silence == "accepts",
        "is_invoice_expected": terms.partner_invoice,
        "is_corrected_by_receiver": terms.self_billing is not None and terms.self_billing.corrections_by == "receiver",
        "tolerance_percent": terms.disputes.tolerance_percent,
        "tolerance_amount": terms.disputes.tolerance_amount,
        "receiver_prevails": terms.disputes.prevails == "receiver",
        "raise_within_days": terms.disputes.raise_within_days,
        "answer_within_days": terms.disputes.answer_within_days,
        "escalate_after_days": terms.disputes.escalate_after_days,
        "is_netting_allowed": terms.payout.netting,
        "payout_threshold": terms.payout.threshold,
        "longest_wait_days": terms.payout.longest_wait_days,
        "receiver_bears_rate_difference": terms.payout.rate_difference == "receiver",
    }


def terms_digest(agreement: Agreement, version: AgreementVersion) -> str:
    """SHA-256 of everything one version says, and of who is bound by it: what an approval of the terms is for."""
    return sha256_of({**dump(agreement), "versions": [dump(version)]})


def item_rows(book: Book, version_ids: Mapping[tuple[str, str], int]) -> Iterator[tuple[Any, ...]]:
    """Rows of ``catalog.agreement_items``; ``version_ids`` are the keys of the agreement versions already written."""
    for identifier in sorted(book.agreements):
        for version in book.agreements[identifier].value.versions:
            for number, item in enumerate(version.settlement.items, 1):
                yield (
                    version_ids[(identifier, version.version)], number, item.id, item.kind, item.to, item.amount,
                    item.period, item.true_up or "at_end", item.percent if item.percent is not None else 100,
                    item.direction == "from_receiver", bool(item.prorated),
                )  # fmt: skip
