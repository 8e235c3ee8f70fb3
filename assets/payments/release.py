"""Releasing the bank's files: a second person decides, then the file is handed over once.

Belongs here: approving, declining, putting a file where the bank takes it.
Belongs elsewhere: making files (``files``), what the bank answers (``bank_answers``).

The bank's side is a folder (EBICS clients and bank mailboxes work like that). A file is written whole or not at all.
"""

import hashlib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg
from psycopg.rows import dict_row

from assets.documents.files import sync_folder, write_durably
from assets.payments import statements
from assets.posting.audit_chain import append_entry
from assets.publishing.refusal import Refusal
from orchestration.failpoints import reach

_FILES = """
    select files.message_id, files.content, files.currency_code, files.debtor_account, files.transaction_count,
        files.control_sum_minor, files.content_sha256, files.prepared_by, files.prepared_at,
        decisions.decision, decisions.decided_by,
        handovers.attempt_number, coalesce(handovers.is_done, false) as is_handed_over,
        (select array_agg(distinct state order by state) from ledger.payment_states
            where payment_states.message_id = files.message_id) as payment_states
    from ledger.payment_files as files
    left join ledger.payment_decisions as decisions using (message_id)
    left join lateral (
        select attempt_number, bool_or(step = 'done') as is_done
        from ledger.payment_handovers where payment_handovers.message_id = files.message_id
        group by attempt_number order by attempt_number desc limit 1
    ) as handovers on true
"""


@dataclass(frozen=True, slots=True)
class HandedOver:
    """One file that is where the bank takes it."""

    message_id: str
    path: Path
    content_sha256: str


def payment_files(connection: psycopg.Connection) -> list[dict[str, Any]]:
    """Every file with its decision, hand-over and the states of its payments, oldest first."""
    with connection.cursor(row_factory=dict_row) as cursor:
        return cursor.execute(_FILES + " order by files.prepared_at, files.message_id").fetchall()


def decide(
    connection: psycopg.Connection,
    message_id: str,
    *,
    approve: bool,
    decided_by: str,
    content_sha256: str,
    detail: str = "",
) -> None:
    """Record the second person's decision on the bytes with this hash. The same decision again changes nothing.

    Raises:
        Refusal: ``no_file``, ``no_checker``, ``other_content`` (not the bytes that are kept), ``own_file`` (the maker
            cannot be the checker), ``decided_before`` (the other way).
    """
    decision = "approved" if approve else "declined"
    with connection.transaction():
        file = _file(connection, message_id)
        if not decided_by.strip():
            raise Refusal("no_checker", "a decision needs the name of the person who decides.", "Pass --by NAME.")
        if file["decision"] is not None:
            if file["decision"] == decision:
                return
            found = f"payment file {message_id} was {file['decision']} by {file['decided_by']}."
            raise Refusal("decided_before", found, "Propose the payments again after a decline; approved is final.")
        if file["content_sha256"] != content_sha256:
            found = f"payment file {message_id} has SHA-256 {file['content_sha256']}, decided on was {content_sha256}."
            raise Refusal("other_content", found, "Look at the file again and pass the hash that is shown.")
        row = {"message_id": message_id, "decision": decision, "decided_by": decided_by.strip(), "detail": detail}
        try:
            with connection.transaction():
                connection.execute(statements.INSERT_DECISION, row | {"content_sha256": content_sha256})
        except psycopg.errors.CheckViolation as error:
            found = f"payment file {message_id} was made by {file['prepared_by']}, who cannot decide on it."
            raise Refusal("own_file", found, "A second person decides.") from error
        payment_ids = _payment_ids(connection, message_id)
        if approve:
            connection.execute(statements.JOURNAL_OF_FILE, {"payment_ids": payment_ids})
        else:
            for payment_id in payment_ids:
                reverse(connection, payment_id, "declined", detail or f"declined by {decided_by.strip()}")
        append_entry(connection, f"payment_file_{decision}", row | {"content_sha256": content_sha256})
        reach("mid_decide_before_commit")


def hand_over(
    connection: psycopg.Connection, message_id: str, folder: Path, *, by: str, again: bool = False
) -> HandedOver | None:
    """Put an approved file where the bank takes it; None when it is there already.

    The intention is committed before the file is written. When a first try ended between the two, nobody knows whether
    the bank has the file: it is written again only with ``again``, when a person has asked the bank.

    Raises:
        Refusal: ``no_file``, ``not_approved``, ``handover_unknown``, ``other_content`` (the kept bytes changed).
    """
    if connection.info.transaction_status is not psycopg.pq.TransactionStatus.IDLE:
        raise RuntimeError("hand_over inside a transaction: the intention would not be committed before the file is")
    with connection.transaction():
        connection.execute("select from ledger.payment_files where message_id = %s for update", [message_id])
        file = _file(connection, message_id)
        if file["decision"] != "approved":
            found = f"payment file {message_id} is {file['decision'] or 'not decided on'}, expected approved."
            raise Refusal("not_approved", found, "Let a second person approve it first.")
        if file["is_handed_over"] and not again:
            return None
        if file["attempt_number"] is not None and not again:
            found = f"handing over {message_id} was started and not finished: the bank may have the file or not."
            remedy = "Ask the bank, or wait for its answer; if it has not got it, repeat with --again."
            raise Refusal("handover_unknown", found, remedy)
        attempt = (file["attempt_number"] or 0) + 1
        _note(connection, message_id, attempt, "started", by)
    reach("after_handover_started")
    if hashlib.sha256(file["content"].encode()).hexdigest() != file["content_sha256"]:
        raise Refusal("other_content", f"payment file {message_id} was changed in the ledger.", "Find out who did.")
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{message_id}.xml"
    write_durably(path, file["content"].encode())
    sync_folder(folder)
    reach("after_handover_written")
    with connection.transaction():
        _note(connection, message_id, attempt, "done", by)
        append_entry(
            connection,
            "payment_file_handed_over",
            {"message_id": message_id, "attempt_number": attempt, "content_sha256": file["content_sha256"], "by": by},
        )
    return HandedOver(message_id, path, file["content_sha256"])


def reverse(connection: psycopg.Connection, payment_id: str, reason_code: str, detail: str) -> None:
    """Note that a payment did not happen: its claims are open again, its entries are taken back."""
    row = {"payment_id": payment_id, "reason_code": reason_code, "detail": detail}
    connection.execute(statements.INSERT_REVERSAL, row)
    connection.execute(statements.JOURNAL_OF_REVERSAL, row)


def _note(connection: psycopg.Connection, message_id: str, attempt: int, step: str, by: str) -> None:
    connection.execute(
        """insert into ledger.payment_handovers (message_id, attempt_number, step, handed_over_by)
           values (%s, %s, %s, %s)""",
        [message_id, attempt, step, by],
    )


def _file(connection: psycopg.Connection, message_id: str) -> dict[str, Any]:
    with connection.cursor(row_factory=dict_row) as cursor:
        file = cursor.execute(_FILES + " where files.message_id = %s", [message_id]).fetchone()
    if file is None:
        raise Refusal("no_file", f"there is no payment file {message_id}.", "List them: apportion payments list.")
    return file


def _payment_ids(connection: psycopg.Connection, message_id: str) -> list[str]:
    rows = connection.execute(
        "select payment_id from ledger.payment_file_entries where message_id = %s order by payment_id", [message_id]
    )
    return [payment_id for (payment_id,) in rows]
