"""Paying posted settlements: one payment per settlement for ever, or the reason why not.

Belongs here: choosing what can be paid, and the rows of ``ledger.payments``.
Belongs elsewhere: the amounts (dbt, posted), the bank's file (documents), whether a month may be paid at all (the gate
``payouts_before_paying``).
"""

from collections.abc import Collection
from dataclasses import asdict, dataclass, fields
from datetime import date
from typing import Any

import psycopg
from psycopg.rows import dict_row

from assets.posting.audit_chain import append_entry
from assets.publishing.bill_runs import BillRun, bill_run_by_id
from assets.publishing.fence import assert_token
from assets.publishing.refusal import Refusal
from assets.quality.gate_rows import demand_bill_run_gate
from orchestration.failpoints import reach


@dataclass(frozen=True, slots=True)
class Payment:
    """One credit transfer; ``amount_minor`` in minor units of ``currency_code``. Ids come from the settlement key."""

    payment_id: str
    settlement_key: str
    end_to_end_id: str
    document_number: str
    payer_party_id: str
    receiver_party_id: str
    receiver_name: str
    bank_account: str
    currency_code: str
    amount_minor: int
    execution_date: date


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


@dataclass(frozen=True, slots=True)
class Paid:
    """What one call paid, or with ``dry_run`` would pay."""

    bill_run_id: int
    dry_run: bool
    payments: tuple[Payment, ...]
    not_payable: tuple[NotPayable, ...]
    already_paid: int
    total_per_currency: dict[str, int]

    def payment_rows(self) -> list[dict[str, str]]:
        """The payments as text, for CSV: one dictionary per row, columns in the order of ``Payment``."""
        return [{name: str(value) for name, value in asdict(payment).items()} for payment in self.payments]

    def not_payable_rows(self) -> list[dict[str, Any]]:
        """The documents not paid, as plain values."""
        return [asdict(row) for row in self.not_payable]


PAYMENT_COLUMNS = tuple(field.name for field in fields(Payment))


def pay(
    connection: psycopg.Connection,
    bill_run_id: int,
    execution_date: date | None = None,
    run_name: str = "",
    dry_run: bool = True,
    confirmed_receivers: Collection[str] = (),
) -> Paid:
    """Pay what the operator owes by the posted documents of a run. A second call pays nothing more and says so.

    Args:
        execution_date: The day the bank is to pay; by default each document's due date.
        run_name: Kept with each payment; required unless ``dry_run``.
        confirmed_receivers: Party ids whose changed bank account a person has confirmed by calling back.

    Raises:
        Refusal: ``superseded``, ``not_posted``, ``no_run_name``, ``gate_missing``, ``gate_other_input``,
            ``gate_failed``.
    """
    with connection.transaction():
        run = bill_run_by_id(connection, bill_run_id)
        if run.state != "posted":
            raise Refusal("not_posted", f"bill run {bill_run_id} of {run.period_id} is {run.state}.", "Post it first.")
        demand_bill_run_gate(connection, bill_run_id, "payouts_before_paying")
        if not dry_run:
            if not run_name:
                raise Refusal("no_run_name", "a payment needs the name of the run that made it.", "Pass run_name.")
            assert_token(connection, run.lane)
            # Payers take turns: the second finds what the first has paid.
            bill_run_by_id(connection, bill_run_id, for_update=True)
        payments, not_payable, already_paid = propose(connection, run, execution_date, confirmed_receivers)
        if payments and not dry_run:
            _insert(connection, payments, run_name)
            append_entry(connection, "paid", _audit_payload(run, payments, run_name))
            reach("mid_pay_before_commit")
    return Paid(bill_run_id, dry_run, payments, not_payable, already_paid, _totals(payments))


def propose(
    connection: psycopg.Connection,
    run: BillRun,
    execution_date: date | None = None,
    confirmed_receivers: Collection[str] = (),
) -> tuple[tuple[Payment, ...], tuple[NotPayable, ...], int]:
    """Split a run's documents into payments to make, documents not payable, and the count of those already paid."""
    payments, not_payable, already_paid = [], [], 0
    for row in _documents(connection, run.bill_run_id, execution_date):
        if row["payment_id"] is not None:
            already_paid += 1
            continue
        reason = _reason_not_to_pay(row, confirmed_receivers)
        if reason:
            not_payable.append(_not_payable(row, *reason))
        else:
            payments.append(_payment(row))
    return tuple(payments), tuple(not_payable), already_paid


def _documents(connection: psycopg.Connection, bill_run_id: int, execution_date: date | None) -> list[dict[str, Any]]:
    """Every document of the run, with the receiver's account as printed and as the master data has it on the day."""
    with connection.cursor(row_factory=dict_row) as cursor:
        return cursor.execute(
            """
            select documents.*, payments.payment_id, documents.receiver ->> 'name' as receiver_name,
                documents.receiver ->> 'bank_account' as printed_account,
                coalesce(%(execution_date)s, documents.due_date) as execution_date,
                receivers.bank_account as present_account
            from ledger.settlement_documents as documents
            left join ledger.payments using (settlement_key)
            left join lateral (
                select parties.bank_account from inbox.parties
                where parties.party_id = documents.receiver_party_id
                    and parties.effective_from <= coalesce(%(execution_date)s, documents.due_date)
                order by parties.effective_from desc limit 1
            ) as receivers on true
            where documents.bill_run_id = %(bill_run_id)s
            order by documents.payer_party_id, documents.receiver_party_id, documents.currency_code, documents.number
            """,
            {"bill_run_id": bill_run_id, "execution_date": execution_date},
        ).fetchall()


def _reason_not_to_pay(row: dict[str, Any], confirmed_receivers: Collection[str]) -> tuple[str, str] | None:
    if not row["is_paid_by_operator"]:
        return "paid_by_the_partners", f"{row['payer_party_id']} pays it; the operator does not"
    if row["payment_minor"] <= 0:
        return "nothing_to_pay", "the amount is not above 0; a negative one is owed to the operator"
    account = compact_iban(row["present_account"])
    if account is None:
        return "no_bank_account", "the master data holds no bank account; deliver the party again with one"
    if not is_valid_iban(account):
        return "bad_bank_account", "the bank account in the master data is not a valid IBAN; deliver the party again"
    printed = compact_iban(row["printed_account"])
    # An account that was wrong on the document may be mended; one that was right and is another now may be a fraud.
    was_right = printed is not None and is_valid_iban(printed)
    if was_right and printed != account and row["receiver_party_id"] not in confirmed_receivers:
        return "bank_account_changed", "another account than on the document; call the partner back, then confirm it"
    return None


def compact_iban(text: str | None) -> str | None:
    """An IBAN without spaces, or None when there is none."""
    compact = (text or "").replace(" ", "")
    return compact or None


def is_valid_iban(compact: str) -> bool:
    """Country, length, structure and check digits are right."""
    from schwifty import IBAN

    return compact.isascii() and IBAN(compact, allow_invalid=True).is_valid


def _payment(row: dict[str, Any]) -> Payment:
    key = row["settlement_key"].hex
    bank_account = compact_iban(row["present_account"])
    if bank_account is None:
        raise LookupError(f"document {row['document_number']} has no bank account to pay to; it is not payable")
    return Payment(
        payment_id=f"P{key}",
        settlement_key=str(row["settlement_key"]),
        end_to_end_id=key,
        document_number=row["document_number"],
        payer_party_id=row["payer_party_id"],
        receiver_party_id=row["receiver_party_id"],
        receiver_name=row["receiver_name"] or "",
        bank_account=bank_account,
        currency_code=row["currency_code"],
        amount_minor=row["payment_minor"],
        execution_date=row["execution_date"],
    )


def _not_payable(row: dict[str, Any], reason_code: str, detail: str) -> NotPayable:
    columns = ("document_number", "payer_party_id", "receiver_party_id", "currency_code", "payment_minor")
    return NotPayable(**{column: row[column] for column in columns}, reason_code=reason_code, detail=detail)


def _insert(connection: psycopg.Connection, payments: Collection[Payment], run_name: str) -> None:
    """Plain inserts: a rival that paid first makes the unique keys refuse the whole call."""
    with connection.cursor() as cursor:
        cursor.executemany(
            """
            insert into ledger.payments (payment_id, settlement_key, end_to_end_id, payer_party_id, receiver_party_id,
                bank_account, currency_code, amount_minor, execution_date, paid_in_run)
            values (%(payment_id)s, %(settlement_key)s, %(end_to_end_id)s, %(payer_party_id)s, %(receiver_party_id)s,
                %(bank_account)s, %(currency_code)s, %(amount_minor)s, %(execution_date)s, %(run_name)s)
            """,
            [asdict(payment) | {"run_name": run_name} for payment in payments],
        )


def _totals(payments: Collection[Payment]) -> dict[str, int]:
    totals: dict[str, int] = {}
    for payment in payments:
        totals[payment.currency_code] = totals.get(payment.currency_code, 0) + payment.amount_minor
    return totals


def _audit_payload(run: BillRun, payments: Collection[Payment], run_name: str) -> dict[str, Any]:
    return {
        "bill_run_id": run.bill_run_id,
        "period_id": run.period_id,
        "paid_in_run": run_name,
        "payment_ids": [payment.payment_id for payment in payments],
        "total_per_currency": _totals(payments),
    }
