"""Acts of people around a settlement: terms approved, documents answered. Each is recorded for ever, under a name.

Belongs here: approving the terms of an agreement version, the receiver's answer to a self-billed document.
Belongs elsewhere: disputes (``disputes``), payments (``assets.payments``), what a term sheet says
(``assets.documents.term_sheet``).
"""

from dataclasses import dataclass
from datetime import date
from typing import Any

import psycopg
from psycopg.rows import dict_row

from assets.posting.audit_chain import append_entry
from assets.publishing.refusal import Refusal

_TERMS = """
    select agreements.agreement_id, agreements.version, agreements.terms_digest, agreements.effective_from,
        approvals.approved_by, approvals.approved_at, approvals.term_sheet_sha256
    from catalog.agreements
    left join control.term_approvals as approvals using (agreement_id, version, terms_digest)
    where agreements.book_id = catalog.current_book()
    order by agreements.agreement_id, agreements.effective_from
"""

_STATES = """
    select documents.document_number, documents.payer_party_id, documents.receiver_party_id, documents.document_kind,
        documents.currency_code, documents.document_minor, documents.issue_date, states.*
    from ledger.document_states(%(as_of)s) as states
    join ledger.settlement_documents as documents using (settlement_key)
    where documents.document_kind = 'self_billed'
    order by documents.issue_date, documents.document_number
"""


@dataclass(frozen=True, slots=True)
class TermSheetSeen:
    """The term sheet that was read: of which terms, in which language, its bytes."""

    agreement_id: str
    version: str
    terms_digest: str
    language_code: str
    sha256: str


def terms_of_the_book(connection: psycopg.Connection) -> list[dict[str, Any]]:
    """Every agreement version of the current book, with who approved its terms."""
    with connection.cursor(row_factory=dict_row) as cursor:
        return cursor.execute(_TERMS).fetchall()


def approve_terms(
    connection: psycopg.Connection, seen: TermSheetSeen, sha256: str, *, prepared_by: str, approved_by: str
) -> bool:
    """Record that a second person has read a term sheet and stands for its terms. False when that was so before.

    Raises:
        Refusal: ``other_content`` (another sheet was read), ``no_terms`` (not in the loaded book), ``own_terms``.
    """
    if sha256 != seen.sha256:
        found = f"the term sheet of {seen.agreement_id} {seen.version} has SHA-256 {seen.sha256}, read was {sha256}."
        raise Refusal("other_content", found, "Make the term sheet again, read it, and pass the hash that is shown.")
    row = {
        "agreement_id": seen.agreement_id,
        "version": seen.version,
        "terms_digest": seen.terms_digest,
        "term_sheet_sha256": seen.sha256,
        "language_code": seen.language_code,
        "prepared_by": prepared_by.strip(),
        "approved_by": approved_by.strip(),
    }
    with connection.transaction():
        if not any(
            (terms["agreement_id"], terms["version"], terms["terms_digest"])
            == (seen.agreement_id, seen.version, seen.terms_digest)
            for terms in terms_of_the_book(connection)
        ):
            found = f"the loaded book has no agreement {seen.agreement_id} {seen.version} with these terms."
            raise Refusal("no_terms", found, "Load the book first: apportion ingest.")
        try:
            with connection.transaction():
                added = connection.execute(
                    """insert into control.term_approvals (agreement_id, version, terms_digest, term_sheet_sha256,
                           language_code, prepared_by, approved_by)
                       values (%(agreement_id)s, %(version)s, %(terms_digest)s, %(term_sheet_sha256)s,
                           %(language_code)s, %(prepared_by)s, %(approved_by)s)
                       on conflict do nothing returning 1""",
                    row,
                ).fetchone()
        except psycopg.errors.CheckViolation as error:
            found = (
                f"the terms of {seen.agreement_id} are of {prepared_by!r}, who cannot approve them as {approved_by!r}."
            )
            raise Refusal("own_terms", found, "A second person approves.") from error
        if added is not None:
            append_entry(connection, "terms_approved", row)
    return added is not None


def document_states(connection: psycopg.Connection, as_of: date) -> list[dict[str, Any]]:
    """Every self-billed document with its state on a day, oldest first."""
    with connection.cursor(row_factory=dict_row) as cursor:
        return cursor.execute(_STATES, {"as_of": as_of}).fetchall()


def answer_document(
    connection: psycopg.Connection, document_number: str, answer: str, *, on: date, by: str, detail: str = ""
) -> str:
    """Record the receiver's answer to a self-billed document, or that it was issued; its state afterwards.

    Raises:
        Refusal: ``no_document``, ``no_name``, ``not_now`` (issued before it was accepted, or answered after).
    """
    if not by.strip():
        raise Refusal("no_name", "an answer needs the name of the person who gave it.", "Pass --by NAME.")
    with connection.transaction():
        found = connection.execute(
            "select settlement_key, document_kind from ledger.settlement_documents where document_number = %s",
            [document_number],
        ).fetchone()
        if found is None or found[1] != "self_billed":
            what = "not there" if found is None else f"a {found[1]}"
            message = f"the self-billed document {document_number} is {what}."
            raise Refusal("no_document", message, "List them: apportion documents list.")
        row = {"settlement_key": found[0], "answer": answer, "on": on, "by": by.strip(), "detail": detail}
        try:
            with connection.transaction():
                connection.execute(
                    """insert into ledger.document_answers (settlement_key, answer, answered_on, answered_by, detail)
                       values (%(settlement_key)s, %(answer)s, %(on)s, %(by)s, %(detail)s)""",
                    row,
                )
        except psycopg.errors.CheckViolation as error:
            message = f"document {document_number} cannot be {answer} on {on}: {error.diag.message_primary}"
            raise Refusal("not_now", message, "Look at its state: apportion documents list.") from error
        payload = row | {"settlement_key": str(found[0]), "on": on.isoformat(), "document_number": document_number}
        append_entry(connection, "document_answered", payload)
        states = connection.execute(
            "select state from ledger.document_states(%s) where settlement_key = %s", [on, found[0]]
        ).fetchone()
    assert states is not None
    return states[0]
