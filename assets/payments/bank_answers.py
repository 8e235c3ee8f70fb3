"""What the bank answers: payment status reports (pain.002) taken in, each once, and what they mean for payments.

Belongs here: reading a report, the state it puts payments into.
Belongs elsewhere: paying again what was rejected (the next ``pay``), account statements.

A bank says what it has to say of the whole file, of a group of it or of one payment; what it says nearest to a payment
holds. An answer that it is a duplicate is not a rejection: the bank has the first one. A rejection is
final whenever it comes, and opens the claims again.
"""

import hashlib
import xml.etree.ElementTree as ET
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import psycopg

from assets.payments.release import reverse
from assets.posting.audit_chain import append_entry
from assets.publishing.refusal import Refusal
from orchestration.failpoints import reach

# ISO 20022 external code set: accepted for execution or executed; taken in but not decided; refused.
_STATUS = {
    **dict.fromkeys(("ACCP", "ACSP", "ACSC", "ACCC", "ACWC", "ACWP"), "accepted"),
    **dict.fromkeys(("RCVD", "PDNG", "ACTC", "ACFC", "PART", "PATC"), "pending"),
    "RJCT": "rejected",
}
# Some of it was accepted, some not: of those that are not named nothing is known.
_IN_PART = "PART"
# The bank has got the file before.
_DUPLICATE_REASONS = frozenset({"DUPL", "AM05", "DU01", "DU02", "DU03", "DU04"})
LARGEST_ANSWER_BYTES = 50_000_000


@dataclass(frozen=True, slots=True)
class TransactionStatus:
    """The status of one payment as the bank wrote it."""

    end_to_end_id: str
    status_code: str
    reason_code: str | None
    detail: str


@dataclass(frozen=True, slots=True)
class GroupStatus:
    """The status of one group of the file (PmtInf), whose payments need not be named."""

    payment_information_id: str
    status_code: str
    reason_code: str | None
    detail: str


@dataclass(frozen=True, slots=True)
class StatusReport:
    """One pain.002: the file it is about, its status as a whole, and the groups and payments it names."""

    message_id: str
    group_status: str | None
    group_reason: str | None
    group_detail: str
    groups: tuple[GroupStatus, ...]
    transactions: tuple[TransactionStatus, ...]


@dataclass(frozen=True, slots=True)
class TakenIn:
    """What one answer changed: payments by state. ``is_new`` is false for an answer that was taken in before."""

    file_name: str
    message_id: str | None
    is_new: bool
    counts: dict[str, int]
    note: str = ""


def read_status_report(content: bytes) -> StatusReport:
    """Read a pain.002 of any version.

    Raises:
        Refusal: ``bad_answer``, it is no such report, larger than it may be, or declares a document type.
    """
    if len(content) > LARGEST_ANSWER_BYTES:
        raise Refusal("bad_answer", f"an answer of {len(content)} bytes.", "Ask the bank; it is not taken in.")
    # A status report has no document type; one that has could make the parser read files or explode.
    if b"<!DOCTYPE" in content or b"<!ENTITY" in content:
        raise Refusal("bad_answer", "the answer declares a document type.", "Ask the bank; it is not taken in.")
    try:
        root = ET.fromstring(content)
    except (ET.ParseError, LookupError, ValueError) as error:  # the latter two: an encoding that is none
        raise Refusal("bad_answer", f"the answer is no XML: {error}.", "Fetch it again.") from error
    report = next(_children(root, "CstmrPmtStsRpt"), None)
    group = None if report is None else next(_children(report, "OrgnlGrpInfAndSts"), None)
    if report is None or group is None:
        raise Refusal("bad_answer", f"the answer is {_local(root)}, expected pain.002.", "Fetch the status report.")
    reason, detail = _reason(group)
    return StatusReport(
        message_id=_text(group, "OrgnlMsgId") or "",
        group_status=_text(group, "GrpSts"),
        group_reason=reason,
        group_detail=detail,
        groups=tuple(
            GroupStatus(_text(batch, "OrgnlPmtInfId") or "", status, *_reason(batch))
            for batch in _children(report, "OrgnlPmtInfAndSts")
            if (status := _text(batch, "PmtInfSts"))
        ),
        transactions=tuple(
            TransactionStatus(
                _text(transaction, "OrgnlEndToEndId") or "",
                _text(transaction, "TxSts") or _text(batch, "PmtInfSts") or _text(group, "GrpSts") or "",
                *_reason(transaction),
            )
            for batch in _children(report, "OrgnlPmtInfAndSts")
            for transaction in _children(batch, "TxInfAndSts")
        ),
    )


def take_in_answer(connection: psycopg.Connection, file_name: str, content: bytes) -> TakenIn:
    """Keep one answer and put the payments it names into their states; the same bytes again change nothing.

    Raises:
        Refusal: ``bad_answer``, also for a status or a payment that is not known: nothing is guessed.
    """
    report = read_status_report(content)
    try:
        text = content.decode("utf-8")
    except UnicodeDecodeError as error:
        raise Refusal("bad_answer", f"{file_name} is not UTF-8.", "Fetch it again.") from error
    digest = hashlib.sha256(content).hexdigest()
    with connection.transaction():
        known = connection.execute(
            """select message_id, (select array_agg(payment_id) from ledger.payment_file_entries as entries
                   where entries.message_id = files.message_id), content
               from ledger.payment_files as files where message_id = %s for update""",
            [report.message_id],
        ).fetchone()
        kept = connection.execute(
            """insert into ledger.bank_answers (answer_sha256, file_name, message_id, group_status, group_reason,
                   content)
               values (%s, %s, %s, %s, %s, %s) on conflict do nothing returning 1""",
            [digest, file_name, known and known[0], report.group_status, report.group_reason, text],
        ).fetchone()
        if kept is None:
            return TakenIn(file_name, known[0] if known else None, False, {}, "taken in before")
        if known is None:
            note = f"the answer is about {report.message_id or 'no message'}, which is none of ours"
            return TakenIn(file_name, None, True, {}, note)
        counts: Counter[str] = Counter()
        duplicates = 0
        for payment_id, transaction in _by_payment(connection, report, known[1], known[2]):
            status = _STATUS.get(transaction.status_code)
            if status is None:
                found = f"{file_name}: payment {transaction.end_to_end_id} has status {transaction.status_code!r}."
                raise Refusal("bad_answer", found, f"Expected one of {', '.join(sorted(_STATUS))}; ask the bank.")
            if status == "rejected" and transaction.reason_code in _DUPLICATE_REASONS:
                duplicates += 1
                continue
            _record(connection, digest, payment_id, status, transaction)
            counts[status] += 1
        append_entry(
            connection,
            "bank_answer",
            {"message_id": known[0], "answer_sha256": digest, "counts": dict(sorted(counts.items()))},
        )
        reach("mid_answer_before_commit")
    note = "" if counts else "it says nothing about any payment"
    if duplicates:
        note = f"the bank has the file already, or {duplicates} payment(s) of it: they stay as they are"
    return TakenIn(file_name, known[0], True, dict(counts), note)


def take_in_answers(connection: psycopg.Connection, folder: Path) -> list[TakenIn]:
    """Take in every ``*.xml`` of a folder, in the order of their names."""
    paths = sorted(path for path in folder.glob("*.xml") if not path.name.startswith("."))
    return [take_in_answer(connection, path.name, path.read_bytes()) for path in paths]


def _by_payment(
    connection: psycopg.Connection, report: StatusReport, payment_ids: list[str], content: str
) -> Iterator[tuple[str, TransactionStatus]]:
    """Payments with their status: their own, else their group's, else that of the whole file (``content``)."""
    ids: dict[str, str] = dict(
        connection.execute(
            "select end_to_end_id, payment_id from ledger.payments where payment_id = any(%s)", [payment_ids]
        ).fetchall()
    )
    named = {transaction.end_to_end_id: transaction for transaction in report.transactions}
    groups = {group.payment_information_id: group for group in report.groups}
    group_of = _groups_of_payments(content)
    strangers = sorted(named.keys() - ids.keys()) + sorted(groups.keys() - set(group_of.values()))
    if strangers or len(named) < len(report.transactions) or len(groups) < len(report.groups):
        what = (
            f"{strangers[0] or 'a group without id'} is not in"
            if strangers
            else "a payment or group is there twice for"
        )
        found = f"{what} file {report.message_id}."
        raise Refusal("bad_answer", found, "Ask the bank; nothing of this answer is taken in.")
    for end_to_end_id, payment_id in sorted(ids.items()):
        group = groups.get(group_of.get(end_to_end_id, ""))
        if end_to_end_id in named:
            yield payment_id, named[end_to_end_id]
        elif group is not None and group.status_code != _IN_PART:
            yield payment_id, TransactionStatus(end_to_end_id, group.status_code, group.reason_code, group.detail)
        elif report.group_status and not (report.group_status == _IN_PART and (named or groups)):
            code, reason, detail = report.group_status, report.group_reason, report.group_detail
            yield payment_id, TransactionStatus(end_to_end_id, code, reason, detail)


def _groups_of_payments(content: str) -> dict[str, str]:
    """The group (PmtInfId) of each payment (EndToEndId) of a file that was made here."""
    return {
        str(end_to_end_id.text): _text(group, "PmtInfId") or ""
        for group in ET.fromstring(content).iter()
        if _local(group) == "PmtInf"
        for end_to_end_id in group.iter()
        if _local(end_to_end_id) == "EndToEndId"
    }


def _record(
    connection: psycopg.Connection, digest: str, payment_id: str, status: str, transaction: TransactionStatus
) -> None:
    connection.execute(
        """insert into ledger.payment_answers (answer_sha256, payment_id, status, status_code, reason_code, detail)
           values (%s, %s, %s, %s, %s, %s)""",
        [digest, payment_id, status, transaction.status_code, transaction.reason_code, transaction.detail],
    )
    is_reversed = connection.execute(
        "select 1 from ledger.payment_reversals where payment_id = %s", [payment_id]
    ).fetchone()
    if status == "rejected" and is_reversed is None:
        reverse(connection, payment_id, "rejected", f"{transaction.reason_code or ''} {transaction.detail}".strip())


def _local(element: ET.Element) -> str:
    return element.tag.rpartition("}")[2]


def _children(element: ET.Element, name: str) -> Iterator[ET.Element]:
    return (child for child in element if _local(child) == name)


def _text(element: ET.Element, name: str) -> str | None:
    child = next(_children(element, name), None)
    return None if child is None or child.text is None else child.text.strip()


def _reason(element: ET.Element) -> tuple[str | None, str]:
    """Reason code and text of a status."""
    for information in _children(element, "StsRsnInf"):
        reason = next(_children(information, "Rsn"), None)
        code = None if reason is None else _text(reason, "Cd") or _text(reason, "Prtry")
        return code, " ".join(text for child in _children(information, "AddtlInf") if (text := child.text))
    return None, ""
