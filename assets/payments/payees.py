"""Whether a payee's bank account can be paid to.

Belongs here: the account as master data has it, against the one printed on the document.
Belongs elsewhere: which documents are owed (``assets.payments.pay``), who approved the partner (onboarding).
"""

from collections.abc import Collection
from typing import Any

from assets.payments.payment_file import bank_text


def reason_not_to_pay(row: dict[str, Any], confirmed_receivers: Collection[str]) -> tuple[str, str] | None:
    """Code and sentence for a document that is not paid now, or None. ``row`` is one of ``pay``'s documents."""
    if not row["is_paid_by_operator"]:
        return "paid_by_the_partners", f"{row['payer_party_id']} pays it; the operator does not"
    if row["is_retained"]:
        return "retained", f"held back as a security until {row['due_date']}; pay it with that execution date or later"
    if row["open_minor"] <= 0:
        return "nothing_to_pay", "the amount is not above 0; a negative one is owed to the operator"
    reason = reason_to_wait(row)
    if reason:
        return reason
    account = compact_iban(row["present_account"])
    if account is None:
        return "no_bank_account", "the master data holds no bank account; deliver the party again with one"
    if not is_valid_iban(account):
        return "bad_bank_account", "the bank account in the master data is not a valid IBAN; deliver the party again"
    if row["needs_approval"]:
        if not row["is_approved"] or compact_iban(row["approved_account"]) != account:
            detail = "tax data, this bank account and self-billing terms are not approved by a second person"
            return "not_approved", f"{detail}; deliver a partner_approvals record"
        if row["day"] < row["payable_from"]:
            return "cooling_off", f"the approval of the bank account is young: payable from {row['payable_from']}"
    printed = compact_iban(row["printed_account"])
    # An account that was wrong on the document may be mended; one that was right and is another now may be a fraud.
    was_right = printed is not None and is_valid_iban(printed)
    if was_right and printed != account and row["receiver_party_id"] not in confirmed_receivers:
        return (
            "bank_account_changed",
            "another account than on the document; call the partner back, then pay --confirmed PARTY",
        )
    if not bank_text(row["receiver_name"] or ""):
        return "no_name", "the payee has no name that a bank takes; deliver the party with a name in Latin letters"
    if row["debtor_account"] is None:
        detail = f"no account of {row['payer_party_id']} pays {row['currency_code']}; add one to payment_accounts"
        return "no_debtor_account", detail
    return None


# Flags of a party that stop payments to it; those that stop setting off against it.
STOP_PAYMENTS = frozenset({"seizure", "payment_block"})
STOP_NETTING = frozenset({"insolvency", "seizure", "payment_block"})


def reason_to_wait(row: dict[str, Any]) -> tuple[str, str] | None:
    """Code and sentence for a claim that what the parties did holds back, or None."""
    stops = sorted(STOP_PAYMENTS.intersection(row["flags"]))
    if stops:
        return "blocked", f"the party is flagged: {', '.join(stops)}; deliver party_flags when that has ended"
    if not row["is_under_approved_terms"]:
        detail = "no second person approved the terms; apportion term-sheet, then apportion terms approve"
        return "terms_not_approved", detail
    if row["state"] == "awaiting_invoice":
        return "no_invoice", "the receiver's own invoice over its amount has not come; apportion documents invoice"
    if row["state"] in ("proposed", "contested"):
        return "not_accepted", f"the receiver has not accepted the document: it is {row['state']}"
    if row["payment_minor"] <= 0:
        return "disputed", "all of it is held back by disputes; apportion disputes list"
    return None


def may_be_set_off(row: dict[str, Any]) -> bool:
    """Whether a counterclaim may be set off: agreed, due, undisputed, and no flag of the party forbids it."""
    is_undisputed = (
        row["state"] not in ("proposed", "contested", "disputed", "awaiting_invoice") and row["held_minor"] == 0
    )
    return row["is_netting_allowed"] and is_undisputed and STOP_NETTING.isdisjoint(row["flags"])


def compact_iban(text: str | None) -> str | None:
    """An IBAN without spaces, or None when there is none."""
    compact = (text or "").replace(" ", "")
    return compact or None


def is_valid_iban(compact: str) -> bool:
    """Country, length, structure and check digits are right."""
    from schwifty import IBAN

    return compact.isascii() and IBAN(compact, allow_invalid=True).is_valid
