"""Which claims a payment clears: one document, or what waited and what the receiver owes together with it.

Belongs here: claims of a run with everything that decides about them, grouping those that can be paid.
Belongs elsewhere: the reasons not to pay (``payees``), proposing payments (``pay``), sums (SQL, ``statements``).

Only claims are grouped that their agreements let wait (a threshold) or be set off (netting); every other document has a
payment of its own, with an id made of the claim alone.
"""

from collections.abc import Sequence
from dataclasses import dataclass, fields
from datetime import date
from itertools import groupby
from typing import Any

import psycopg
from psycopg.rows import dict_row

from assets.payments import statements
from assets.payments.payees import STOP_NETTING, compact_iban

_REMITTANCE_LENGTH = 140


@dataclass(frozen=True, slots=True)
class Clearing:
    """What a payment clears of one document; ``cleared_minor`` has the sign of the document."""

    settlement_key: str
    bill_run_id: int
    document_number: str
    part_number: int
    attempt_number: int
    cleared_minor: int

    def __str__(self) -> str:
        return f"{self.document_number} part {self.part_number}: {self.cleared_minor}"


@dataclass(frozen=True, slots=True)
class Payment:
    """One credit transfer; ``amount_minor`` in minor units of ``currency_code``. Ids come from what it clears.

    ``settlement_key``, ``part_number`` and ``attempt_number`` are of the first document it clears.
    """

    payment_id: str
    settlement_key: str
    part_number: int
    attempt_number: int
    end_to_end_id: str
    document_number: str
    payer_party_id: str
    receiver_party_id: str
    receiver_name: str
    bank_account: str
    debtor_name: str
    debtor_account: str
    debtor_bic: str | None
    currency_code: str
    amount_minor: int
    execution_date: date
    remittance_text: str
    clearings: tuple[Clearing, ...]


PAYMENT_COLUMNS = tuple(field.name for field in fields(Payment))


@dataclass(frozen=True, slots=True)
class NotPayable:
    """A posted document that is not paid, and why. ``reason_code`` is stable."""

    document_number: str
    payer_party_id: str
    receiver_party_id: str
    currency_code: str
    payment_minor: int
    reason_code: str
    detail: str


def read_claims(connection: psycopg.Connection, bill_run_id: int, execution_date: date | None) -> list[dict[str, Any]]:
    """Claims of a run, and those of others that are paid or set off together with them."""
    given = {"bill_run_id": bill_run_id, "execution_date": execution_date}
    with connection.cursor(row_factory=dict_row) as cursor:
        return cursor.execute(statements.CLAIMS, given).fetchall()


def payments_of(
    connection: psycopg.Connection, claims: Sequence[dict[str, Any]]
) -> tuple[tuple[Payment, ...], list[tuple[dict[str, Any], int]]]:
    """Payments that clear these claims, and the claims that wait: their sum is below the threshold (in minor units)."""
    by_key = {(row["settlement_key"], row["part_number"]): row for row in claims}
    if not by_key:
        return (), []
    groups = {key: _group_key(row) for key, row in by_key.items()}
    given = {
        "settlement_keys": [key for key, _ in by_key],
        "part_numbers": [part for _, part in by_key],
        "attempt_numbers": [row["attempt_number"] for row in by_key.values()],
        "open_minors": [row["payment_minor"] for row in by_key.values()],
        "are_counter": [row["role"] == "counter" for row in by_key.values()],
        "group_keys": [groups[key] for key in by_key],
        "due_dates": [row["due_date"] for row in by_key.values()],
        "days": [row["day"] for row in by_key.values()],
        "thresholds": [row["threshold_minor"] for row in by_key.values()],
        "wait_no_longer": [row["waits_no_longer"] for row in by_key.values()],
    }
    with connection.cursor(row_factory=dict_row) as cursor:
        cleared = cursor.execute(statements.PAYMENTS_TO_MAKE, given).fetchall()
    payments, carried = [], []
    for _, rows in groupby(cleared, key=lambda row: row["group_key"]):
        parts = [(by_key[row["settlement_key"], row["part_number"]], row) for row in rows]
        positive = [(claim, row) for claim, row in parts if not row["is_counter"]]
        if not positive:
            continue
        if positive[0][1]["is_carried"]:
            carried += [(claim, row["threshold_minor"]) for claim, row in positive]
        else:
            payments.append(_payment(parts))
    return tuple(sorted(payments, key=_printed_order)), carried


def _group_key(row: dict[str, Any]) -> str:
    """What is paid in one transfer: a claim alone, or all of two parties in a currency."""
    partner = (
        row["receiver_party_id"] if row["role"] != "counter" or row["is_paid_by_operator"] else row["payer_party_id"]
    )
    may_net = row["is_netting_allowed"] and STOP_NETTING.isdisjoint(row["flags"])
    if row["part_number"] == 1 and (may_net or row["threshold_minor"] > 0):
        payer = row["payer_party_id"] if row["is_paid_by_operator"] else row["receiver_party_id"]
        return f"{payer}/{partner}/{row['currency_code']}/{'netted' if may_net else 'whole'}"
    return f"{row['settlement_key']}/{row['part_number']}"


def _printed_order(payment: Payment) -> tuple[str, ...]:
    return payment.payer_party_id, payment.receiver_party_id, payment.currency_code, payment.document_number


def _payment(parts: Sequence[tuple[dict[str, Any], dict[str, Any]]]) -> Payment:
    claim, row = parts[0]
    bank_account, debtor_account = compact_iban(claim["present_account"]), compact_iban(claim["debtor_account"])
    if bank_account is None or debtor_account is None:
        raise LookupError(f"document {claim['document_number']} has no account to pay to or from; it is not payable")
    return Payment(
        payment_id=f"P{row['payment_hash']}",
        settlement_key=str(claim["settlement_key"]),
        part_number=claim["part_number"],
        attempt_number=claim["attempt_number"],
        end_to_end_id=row["payment_hash"],
        document_number=claim["document_number"],
        payer_party_id=claim["payer_party_id"],
        receiver_party_id=claim["receiver_party_id"],
        receiver_name=claim["receiver_name"] or "",
        bank_account=bank_account,
        debtor_name=claim["debtor_name"],
        debtor_account=debtor_account,
        debtor_bic=claim["debtor_bic"],
        currency_code=claim["currency_code"],
        amount_minor=row["amount_minor"],
        execution_date=row["execution_date"],
        remittance_text=_remittance_text([part["document_number"] for part, _ in parts]),
        clearings=tuple(
            Clearing(
                str(part["settlement_key"]), part["bill_run_id"], part["document_number"], part["part_number"],
                part["attempt_number"], cleared["cleared_minor"],
            )
            for part, cleared in parts
        ),
    )  # fmt: skip


def _remittance_text(numbers: Sequence[str]) -> str:
    """The documents, as many as the bank's text holds; the advice on the payment has all of them."""
    text = ", ".join(numbers)
    return text if len(text) <= _REMITTANCE_LENGTH else f"{numbers[0]} and {len(numbers) - 1} more"
