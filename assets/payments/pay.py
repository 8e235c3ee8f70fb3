"""Paying posted settlements: each claim is cleared once for ever, or the reason why not.

Belongs here: choosing what can be paid, and proposing it: payments, what they clear, the bank's files for the checker.
Belongs elsewhere: the amounts (dbt, posted), which claims are paid or set off together (``clearing``), whether an
account can be paid to (``payees``), the file itself (``payment_file``), releasing it (``release``), whether a month may
be paid at all (the gate ``payouts_before_paying``).
"""

from collections.abc import Collection
from dataclasses import asdict, dataclass
from datetime import date
from typing import Any

import psycopg

from assets.payments import statements
from assets.payments.clearing import PAYMENT_COLUMNS as PAYMENT_COLUMNS
from assets.payments.clearing import NotPayable, Payment, payments_of, read_claims
from assets.payments.files import PreparedFile, prepare_files
from assets.payments.payees import may_be_set_off, reason_not_to_pay
from assets.posting.audit_chain import append_entry
from assets.publishing.bill_runs import BillRun, bill_run_by_id
from assets.publishing.fence import assert_token
from assets.publishing.refusal import Refusal
from assets.quality.gate_rows import demand_bill_run_gate
from orchestration.failpoints import reach


@dataclass(frozen=True, slots=True)
class Paid:
    """What one call proposed, or with ``dry_run`` would propose; ``files`` wait for the checker."""

    bill_run_id: int
    dry_run: bool
    payments: tuple[Payment, ...]
    not_payable: tuple[NotPayable, ...]
    already_paid: int
    total_per_currency: dict[str, int]
    files: tuple[PreparedFile, ...] = ()

    def payment_rows(self) -> list[dict[str, str]]:
        """The payments as text, for CSV: one dictionary per row, columns in the order of ``Payment``."""
        return [{name: str(value) for name, value in asdict(payment).items()} for payment in self.payments]

    def not_payable_rows(self) -> list[dict[str, Any]]:
        """The documents not paid, as plain values."""
        return [asdict(row) for row in self.not_payable]


def pay(
    connection: psycopg.Connection,
    bill_run_id: int,
    execution_date: date | None = None,
    run_name: str = "",
    dry_run: bool = True,
    confirmed_receivers: Collection[str] = (),
    maker: str = "",
) -> Paid:
    """Propose payments of what the operator owes by the posted documents of a run. A second call adds nothing.

    Args:
        execution_date: The day the bank is to pay; by default each document's due date.
        run_name: Kept with each payment; required unless ``dry_run``.
        confirmed_receivers: Party ids whose changed bank account a person has confirmed by calling back.
        maker: Who proposes; somebody else approves the files. Required unless ``dry_run``.

    Raises:
        Refusal: ``superseded``, ``not_posted``, ``no_run_name``, ``no_maker``, ``gate_missing``, ``gate_other_input``,
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
            if not maker.strip():
                raise Refusal("no_maker", "a payment needs the name of the person who proposes it.", "Pass --by NAME.")
            assert_token(connection, run.lane)
            # Payers take turns: the second finds what the first has paid.
            bill_run_by_id(connection, bill_run_id, for_update=True)
        payments, not_payable, already_paid = propose(connection, run, execution_date, confirmed_receivers)
        for other_run in sorted({clearing.bill_run_id for payment in payments for clearing in payment.clearings}):
            demand_bill_run_gate(connection, other_run, "payouts_before_paying")
        files: tuple[PreparedFile, ...] = ()
        if payments and not dry_run:
            _insert(connection, payments, run_name, maker.strip())
            files = prepare_files(connection, [payment.payment_id for payment in payments], maker.strip())
            append_entry(
                connection,
                "payments_proposed",
                _audit_payload(run, payments, files, run_name, maker, confirmed_receivers),
            )
            reach("mid_pay_before_commit")
    return Paid(bill_run_id, dry_run, payments, not_payable, already_paid, _totals(payments), files)


def propose(
    connection: psycopg.Connection,
    run: BillRun,
    execution_date: date | None = None,
    confirmed_receivers: Collection[str] = (),
) -> tuple[tuple[Payment, ...], tuple[NotPayable, ...], int]:
    """Split a run's documents into payments to make, documents not payable, and the count of those already paid."""
    claims = read_claims(connection, run.bill_run_id, execution_date)
    not_payable, already_paid, payable = [], 0, []
    for row in claims:
        if row["role"] == "counter":
            if may_be_set_off(row):
                payable.append(row)
        elif row["role"] == "own" and row["open_minor"] == 0 and row["owed_minor"] != 0:
            already_paid += 1
        elif reason := reason_not_to_pay(row, confirmed_receivers):
            # What waited in an earlier run is listed there.
            not_payable += [_not_payable(row, *reason)] if row["role"] == "own" else []
        else:
            payable.append(row)
            if row["role"] == "own" and row["held_minor"]:
                not_payable.append(_held_part(row))
    payments, carried = payments_of(connection, payable)
    for row, threshold in carried:
        if row["role"] == "own":
            detail = f"less than {threshold} minor units: it is paid with a later settlement"
            not_payable.append(_not_payable(row, "below_threshold", detail))
    return payments, tuple(not_payable), already_paid


def _held_part(row: dict[str, Any]) -> NotPayable:
    detail = "held back by disputes until they end; the rest is paid"
    return _not_payable(row | {"payment_minor": row["held_minor"]}, "disputed_part", detail)


def _not_payable(row: dict[str, Any], reason_code: str, detail: str) -> NotPayable:
    columns = ("document_number", "payer_party_id", "receiver_party_id", "currency_code", "payment_minor")
    return NotPayable(**{column: row[column] for column in columns}, reason_code=reason_code, detail=detail)


def _insert(connection: psycopg.Connection, payments: Collection[Payment], run_name: str, maker: str) -> None:
    """Plain inserts: a rival that paid first makes the unique keys refuse the whole call."""
    rows = [asdict(payment) | {"run_name": run_name, "maker": maker} for payment in payments]
    clearings: dict[str, list[Any]] = {
        name: [] for name in ("settlement_key", "part_number", "attempt_number", "payment_id", "cleared_minor")
    }
    for payment in payments:
        for clearing in payment.clearings:
            for name, values in clearings.items():
                values.append(payment.payment_id if name == "payment_id" else getattr(clearing, name))
    with connection.cursor() as cursor:
        cursor.executemany(statements.INSERT_PAYMENT, rows)
        # One statement: the database looks at each payment with all that it clears.
        cursor.execute(statements.INSERT_CLEARINGS, clearings)


def _totals(payments: Collection[Payment]) -> dict[str, int]:
    totals: dict[str, int] = {}
    for payment in payments:
        totals[payment.currency_code] = totals.get(payment.currency_code, 0) + payment.amount_minor
    return totals


def _audit_payload(
    run: BillRun,
    payments: Collection[Payment],
    files: Collection[PreparedFile],
    run_name: str,
    maker: str,
    confirmed_receivers: Collection[str],
) -> dict[str, Any]:
    confirmed = sorted(set(confirmed_receivers) & {payment.receiver_party_id for payment in payments})
    return {
        **({"confirmed_receivers": confirmed} if confirmed else {}),
        "bill_run_id": run.bill_run_id,
        "period_id": run.period_id,
        "paid_in_run": run_name,
        "maker": maker,
        "payment_ids": [payment.payment_id for payment in payments],
        "files": {file.message_id: file.content_sha256 for file in files},
        "total_per_currency": _totals(payments),
    }
