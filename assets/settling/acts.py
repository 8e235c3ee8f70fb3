"""Acts of people around a settlement: terms approved, documents answered. Each is recorded for ever, under a name.

Belongs here: approving the terms of an agreement version, the receiver's answer to a self-billed document.
Belongs elsewhere: disputes (``disputes``), payments (``assets.payments``), what a term sheet says
(``assets.documents.term_sheet``).
"""

import hashlib
from datetime import date
from typing import Any

import psycopg
from psycopg.rows import dict_row

from assets.documents.term_sheet import TermSheet
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
    where documents.document_kind = 'self_billed' or states.state in ('awaiting_invoice', 'invoiced')
    order by documents.issue_date, documents.document_number
"""


def terms_of_the_book(connection: psycopg.Connection) -> list[dict[str, Any]]:
    """Every agreement version of the current book, with who approved its terms."""
    with connection.cursor(row_factory=dict_row) as cursor:
        return cursor.execute(_TERMS).fetchall()


def keep_term_sheet(connection: psycopg.Connection, sheet: TermSheet, prepared_by: str) -> str:
    """Keep a term sheet as it was made; its SHA-256. The same bytes are kept once, under who made them first.

    Raises:
        Refusal: ``no_name``.
    """
    if not prepared_by.strip():
        raise Refusal("no_name", "a term sheet needs the name of the person who made it.", "Pass --by NAME.")
    sha256 = hashlib.sha256(sheet.html.encode()).hexdigest()
    connection.execute(
        """insert into control.term_sheets (term_sheet_sha256, agreement_id, version, terms_digest, language_code,
               content, prepared_by)
           values (%s, %s, %s, %s, %s, %s, %s) on conflict do nothing""",
        [sha256, sheet.agreement_id, sheet.version, sheet.terms_digest, sheet.language_code, sheet.html,
         prepared_by.strip()],
    )  # fmt: skip
    return sha256


def approve_terms(connection: psycopg.Connection, sha256: str, *, approved_by: str) -> bool:
    """Record that a second person has read a term sheet and stands for its terms. False when that was so before.

    Raises:
        Refusal: ``no_sheet``, ``other_terms`` (the loaded book has others by now), ``own_terms``.
    """
    with connection.transaction(), connection.cursor(row_factory=dict_row) as cursor:
        sheet = cursor.execute(
            """select agreement_id, version, terms_digest, term_sheet_sha256, language_code, prepared_by
               from control.term_sheets where term_sheet_sha256 = %s""",
            [sha256],
        ).fetchone()
        if sheet is None:
            found = f"no term sheet with SHA-256 {sha256} was made."
            raise Refusal("no_sheet", found, "Make one: apportion term-sheet AGREEMENT; read it; pass the hash shown.")
        key = ("agreement_id", "version", "terms_digest")
        if not any(all(terms[name] == sheet[name] for name in key) for terms in terms_of_the_book(connection)):
            found = f"the loaded book has no agreement {sheet['agreement_id']} {sheet['version']} with these terms."
            raise Refusal("other_terms", found, "Load the book (apportion ingest), or make the sheet again.")
        row = sheet | {"approved_by": approved_by.strip()}
        try:
            with connection.transaction():
                added = cursor.execute(
                    """insert into control.term_approvals (agreement_id, version, terms_digest, term_sheet_sha256,
                           language_code, prepared_by, approved_by)
                       values (%(agreement_id)s, %(version)s, %(terms_digest)s, %(term_sheet_sha256)s,
                           %(language_code)s, %(prepared_by)s, %(approved_by)s)
                       on conflict do nothing returning 1""",
                    row,
                ).fetchone()
        except psycopg.errors.CheckViolation as error:
            found = f"{sheet['prepared_by']} made this term sheet and cannot approve it as {approved_by!r}."
            raise Refusal("own_terms", found, "A second person approves.") from error
        if added is not None:
            append_entry(connection, "terms_approved", row)
    return added is not None


def document_states(connection: psycopg.Connection, as_of: date) -> list[dict[str, Any]]:
    """Documents that their receivers answer or invoice, with their state on a day, oldest first."""
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


def take_invoice(
    connection: psycopg.Connection, document_number: str, invoice_number: str, invoice_minor: int, *, on: date, by: str
) -> None:
    """Record that the receiver's own invoice (or credit note) for a document has come, over its amount.

    Raises:
        Refusal: ``no_document``, ``no_name``, ``not_now`` (no invoice is awaited), ``other_amount``, ``taken_before``
            (the receiver's number).
    """
    if not by.strip() or not invoice_number.strip():
        raise Refusal("no_name", "an invoice needs its number and the name of who takes it in.", "Pass both.")
    with connection.transaction():
        found = connection.execute(
            "select settlement_key, document_minor from ledger.settlement_documents where document_number = %s",
            [document_number],
        ).fetchone()
        if found is None:
            raise Refusal("no_document", f"there is no document {document_number}.", "apportion documents list.")
        if found[1] != invoice_minor:
            message = (
                f"invoice {invoice_number} is over {invoice_minor} minor units, {document_number} over {found[1]}."
            )
            raise Refusal("other_amount", message, "Ask for an invoice of that amount, or dispute the document.")
        row = {"key": found[0], "on": on, "by": by.strip(), "number": invoice_number.strip(), "minor": invoice_minor}
        try:
            with connection.transaction():
                connection.execute(
                    """insert into ledger.document_answers (settlement_key, answer, answered_on, answered_by,
                           invoice_number, invoice_minor)
                       values (%(key)s, 'invoiced', %(on)s, %(by)s, %(number)s, %(minor)s)""",
                    row,
                )
        except psycopg.errors.CheckViolation as error:
            message = f"invoice {invoice_number} for {document_number}: {error.diag.message_primary}"
            code = "taken_before" if "taken before" in str(error) else "not_now"
            raise Refusal(code, message, "Look at its state: apportion documents list.") from error
        payload = row | {"key": str(found[0]), "on": on.isoformat(), "document_number": document_number}
        append_entry(connection, "partner_invoice_taken", payload)
