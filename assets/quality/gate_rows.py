"""Gates as rows: what was checked, for which input, with which result. Issuing demands them from the database.

Belongs here: storing a door's results in ``control.gates``, and refusing where a passed row is missing.
Belongs elsewhere: what a door checks (its suite), how (``orchestration.expectations``), when
(``assets.quality.gates``).

An orchestrator's check is bypassed by launching the next asset alone; a row that the issuing function reads is not.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import psycopg
from psycopg.types.json import Jsonb

from assets.posting.audit_chain import append_entry
from assets.publishing.refusal import Refusal
from assets.quality.checks import CheckResult
from assets.rows import first_value, one_row

if TYPE_CHECKING:  # opening a run asks this module for the usage door
    from assets.publishing.bill_runs import BillRun


# The door that a run of a lane passes before it is shown and posted; runs of other lanes never are.
POSTING_GATES = {"build": "lines_before_posting", "settle": "settlements_before_posting"}
# What mends the failure of a check, where it is not another build.
_REMEDIES = {
    "negative_margins_are_approved_by_name": "See `apportion margins list` of the period, have somebody answer for each"
    " by `apportion margins approve`, and pay again.",
}


@dataclass(frozen=True, slots=True)
class GateResult:
    """One door, checked once. ``rows_checked`` adds up what each check looked at."""

    gate: str
    passed: bool
    checks: tuple[CheckResult, ...]
    rows_checked: int

    def failures(self) -> tuple[CheckResult, ...]:
        """The checks that did not pass."""
        return tuple(check for check in self.checks if not check.passed)


def gate_result(gate: str, checks: Sequence[CheckResult]) -> GateResult:
    """Join results; a door without checks has not been guarded and fails."""
    return GateResult(
        gate=gate,
        passed=bool(checks) and all(check.passed for check in checks),
        checks=tuple(checks),
        rows_checked=sum(check.rows_checked for check in checks),
    )


def store_bill_run_gate(
    connection: psycopg.Connection, bill_run: "BillRun", result: GateResult, output_digest: str
) -> int:
    """Record a door of a bill run for the build and input that ``bill_run`` was read with; returns the gate's id.

    ``output_digest`` is that of the rows looked at: publishing and posting compare theirs with it.
    """
    stored = connection.execute(
        """
        insert into control.gates (bill_run_id, build_number, gate, input_digest, output_digest, passed, checks,
            rows_checked)
        values (%(bill_run_id)s, %(build_number)s, %(gate)s, %(input_digest)s, %(output_digest)s, %(passed)s,
            %(checks)s, %(rows)s)
        returning gate_id
        """,
        {
            "gate": result.gate,
            "build_number": bill_run.build_number,
            "input_digest": bill_run.input_digest,
            "output_digest": output_digest,
            "passed": result.passed,
            "checks": Jsonb([check.as_json() for check in result.checks]),
            "rows": result.rows_checked,
            "bill_run_id": bill_run.bill_run_id,
        },
    )
    gate_id = first_value(stored)
    _chain(connection, gate_id)
    return gate_id


def store_usage_gate(connection: psycopg.Connection, batch_id: int, result: GateResult) -> str:
    """Record the usage door of one batch; returns the digest over the content of its files."""
    stored = connection.execute(
        f"""
        insert into control.gates (batch_id, gate, input_digest, passed, checks, rows_checked)
        select %(batch_id)s, %(gate)s, {_BATCH_DIGEST}, %(passed)s, %(checks)s, %(rows)s
        from inbox.files where batch_id = %(batch_id)s and state = 'loaded'
        returning gate_id, input_digest
        """,  # noqa: S608  a constant of this module
        {
            "batch_id": batch_id,
            "gate": result.gate,
            "passed": result.passed,
            "checks": Jsonb([check.as_json() for check in result.checks]),
            "rows": result.rows_checked,
        },
    )
    gate_id, digest = one_row(stored)
    _chain(connection, gate_id)
    return digest


_BATCH_DIGEST = """encode(sha256(convert_to(
    coalesce(string_agg(files.content_sha256, '' order by files.content_sha256), ''), 'UTF8')), 'hex')"""


def demand_bill_run_gate(connection: psycopg.Connection, bill_run_id: int, gate: str) -> str:
    """Return the output digest of the passed gate of this build and input, or refuse.

    The latest row decides: a door that failed on a second look is shut.

    Raises:
        Refusal: ``gate_missing``, ``gate_other_input`` (checked for an earlier build or input only), ``gate_failed``.
    """
    rows = connection.execute(
        """
        select gates.passed, gates.output_digest, gates.checks,
            gates.input_digest = bill_runs.input_digest
                and gates.build_number = bill_runs.build_number as is_of_this_build
        from control.gates join control.bill_runs using (bill_run_id)
        where gates.bill_run_id = %s and gates.gate = %s
        order by gates.gate_id desc
        """,
        [bill_run_id, gate],
    ).fetchall()
    current = next((row for row in rows if row[3]), None)
    if current is None:
        code, found = ("gate_other_input", "only for another input or build") if rows else ("gate_missing", "never")
        raise Refusal(
            code,
            f"bill run {bill_run_id}: gate {gate} was checked {found}; a passed one for this input is needed.",
            "Run the gate's check again.",
        )
    passed, output_digest, checks, _ = current
    if not passed:
        failed = [check["check"] for check in checks if not check["passed"]]
        remedies = [_REMEDIES[check] for check in failed if check in _REMEDIES]
        if len(remedies) < max(len(failed), 1):
            remedies.append("Look at the offenders in control.gates, mend the cause, and build again.")
        raise Refusal(
            "gate_failed",
            f"bill run {bill_run_id}: gate {gate} failed ({', '.join(failed) or 'no check ran'}).",
            " ".join(remedies),
        )
    return output_digest


def unchecked_batches(connection: psycopg.Connection, sealed_batch_id: int | None = None) -> list[int]:
    """Batches with usage, up to the sealed one, whose latest usage gate is missing, failed, or of other files."""
    rows = connection.execute(
        f"""
        with usage_batches as (
            select files.batch_id, {_BATCH_DIGEST} as input_digest
            from inbox.files
            where files.state = 'loaded' and files.batch_id <= coalesce(%s, files.batch_id)
            group by files.batch_id
            having bool_or(files.feed_kind = 'usage' and files.rows_read > 0)
        ),
        latest_gates as (
            select distinct on (batch_id) batch_id, input_digest, passed
            from control.gates
            where gate = 'usage_in'
            order by batch_id, gate_id desc
        )
        select usage_batches.batch_id
        from usage_batches
        left join latest_gates using (batch_id, input_digest)
        where latest_gates.passed is distinct from true
        order by usage_batches.batch_id
        """,  # noqa: S608  a constant of this module
        [sealed_batch_id],
    )
    return [batch_id for (batch_id,) in rows]


def refuse_unchecked_usage(connection: psycopg.Connection, sealed_batch_id: int) -> None:
    """Refuse to bill usage whose door was never checked, or did not pass, in any batch up to the sealed one.

    Raises:
        Refusal: ``no_usage_gate``, naming the first such batches.
    """
    unchecked = unchecked_batches(connection, sealed_batch_id)
    if unchecked:
        raise Refusal(
            "no_usage_gate",
            f"usage_in has not passed for {len(unchecked)} batch(es), the first being {unchecked[:5]}.",
            "Run the usage_in check of these batches; a failed one names the file that does not add up.",
        )


def _chain(connection: psycopg.Connection, gate_id: int) -> None:
    stored = connection.execute(
        """select gate, bill_run_id, build_number, batch_id, input_digest, output_digest, passed, rows_checked
           from control.gates where gate_id = %s""",
        [gate_id],
    )
    names = (
        "gate", "bill_run_id", "build_number", "batch_id", "input_digest", "output_digest", "passed", "rows_checked",
    )  # fmt: skip
    append_entry(connection, "gate", {"gate_id": gate_id, **dict(zip(names, one_row(stored), strict=True))})
