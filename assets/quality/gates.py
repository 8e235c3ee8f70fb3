"""The three doors: check, store the result as a gate row, return it.

Belongs here: which suite guards which door, and the digest of what it looked at.
Belongs elsewhere: the suites, their adapter (``orchestration.expectations``), demanding a gate
(``assets.quality.gate_rows``).

Great Expectations reads over a connection of its own: what is to be checked must be committed.
"""

from collections.abc import Collection
from dataclasses import dataclass, replace
from typing import Any

import psycopg

from assets.payments.pay import Payment, propose
from assets.payments.payees import is_valid_iban
from assets.publishing.bill_runs import BillRun
from assets.publishing.digests import output_digest
from assets.quality import lines_before_posting, payouts_before_paying, settlements_before_posting, usage_in
from assets.quality.checks import CheckResult
from assets.quality.gate_rows import GateResult, gate_result, store_bill_run_gate, store_usage_gate, unchecked_batches
from orchestration.expectations import check_door
from orchestration.expectations import warm_up as warm_up  # for callers that know a door is ahead


@dataclass(frozen=True, slots=True)
class GateOutcome:
    """A door as shown to people: ``checks`` are plain values, one per check, for every batch or run looked at."""

    gate: str
    passed: bool
    rows_checked: int
    input_digest: str
    checks: list[dict[str, Any]]

    def failed_checks(self) -> list[dict[str, Any]]:
        """The checks that did not pass."""
        return [check for check in self.checks if not check["passed"]]


def check_usage_in(connection: psycopg.Connection) -> GateOutcome:
    """Check every batch whose usage has not passed its door yet. No such batch is a pass: there is nothing to guard.

    Call it before every bill run: opening one refuses usage that was not checked.
    """
    checks: list[CheckResult] = []
    digests: list[str] = []
    for batch_id in unchecked_batches(connection):
        result = gate_result(usage_in.DOOR.gate, check_door(connection, usage_in.DOOR, {"batch_id": batch_id}))
        digests.append(store_usage_gate(connection, batch_id, result))
        checks.extend(result.checks)
    passed = all(check.passed for check in checks)
    rows = sum(check.rows_checked for check in checks)
    return GateOutcome("usage_in", passed, rows, " ".join(digests), [check.as_json() for check in checks])


def check_lines_before_posting(connection: psycopg.Connection, bill_run: BillRun) -> GateOutcome:
    """Check what ``bill_run`` has built in its lane, before readers see it."""
    door = settlements_before_posting.DOOR if bill_run.lane == "settle" else lines_before_posting.DOOR
    parameters: dict[str, str | int] = {"schema": bill_run.lane, "bill_run_id": bill_run.bill_run_id}
    # Digest first: rows that change while the checks run no longer match it when they are published.
    digest, digest_check = _digest_of_lane(connection, bill_run)
    checks = check_door(connection, door, parameters)
    return _store(connection, bill_run, gate_result(door.gate, [digest_check, *checks]), digest)


def check_payouts_before_paying(connection: psycopg.Connection, bill_run: BillRun) -> GateOutcome:
    """Check the posted documents of ``bill_run``, and the payments that would be made of them."""
    door = payouts_before_paying.DOOR
    checks = check_door(connection, door, {"bill_run_id": bill_run.bill_run_id})
    payments, _, _ = propose(connection, bill_run)
    result = gate_result(door.gate, [*checks, check_payees(payments)])
    return _store(connection, bill_run, result, bill_run.published_digest)


def _digest_of_lane(connection: psycopg.Connection, bill_run: BillRun) -> tuple[str, CheckResult]:
    """The digest of what was built; tables that cannot be read are a failed check like any other."""
    check = CheckResult("every_table_of_the_run_can_be_read", bill_run.lane, True, 1, 0)
    try:
        with connection.transaction():
            return output_digest(connection, bill_run.lane, bill_run.bill_run_id, lane=bill_run.lane), check
    except psycopg.Error as error:
        failed = replace(check, passed=False, failures=1, error=f"the check could not run: {type(error).__name__}")
        return "", failed


def check_payees(payments: Collection[Payment]) -> CheckResult:
    """Every payment is above 0 and goes to an IBAN whose check digits are right. Offenders are settlement keys.

    Claims that were set off against each other may leave 0.
    """
    wrong = [
        payment.settlement_key
        for payment in payments
        if payment.amount_minor < (0 if len(payment.clearings) > 1 else 1) or not is_valid_iban(payment.bank_account)
    ]
    return CheckResult(
        check="payments_are_above_0_and_go_to_a_valid_iban",
        relation="payments",
        passed=not wrong,
        rows_checked=len(payments),
        failures=len(wrong),
        offenders=tuple(sorted(wrong)[:5]),
    )


def _store(connection: psycopg.Connection, bill_run: BillRun, result: GateResult, digest: str) -> GateOutcome:
    store_bill_run_gate(connection, bill_run, result, digest)
    return GateOutcome(
        result.gate,
        result.passed,
        result.rows_checked,
        bill_run.input_digest,
        [check.as_json() for check in result.checks],
    )
