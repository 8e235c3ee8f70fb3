"""Open claims in both directions, and the day by which the law wants each of the operator's own paid.

Belongs here: reading claims for people: the list, the watch over statutory days.
Belongs elsewhere: the days themselves (``payments.latest_payment`` of the book), paying (``pay``).
"""

from datetime import date, timedelta
from typing import Any

import psycopg
from psycopg.rows import dict_row

_CLAIMS = """
    select documents.document_number, documents.payer_party_id, documents.receiver_party_id, documents.currency_code,
        claims.part_number, claims.open_minor, claims.held_minor, claims.due_date, claims.latest_payment_date,
        claims.state, claims.is_approved, claims.is_netting_allowed, claims.threshold_minor,
        documents.is_paid_by_operator and claims.part_number = 1 and claims.open_minor > 0 as is_watched
    from ledger.claims(%(as_of)s) as claims
    join ledger.settlement_documents as documents using (settlement_key)
    join control.bill_runs on documents.bill_run_id = bill_runs.bill_run_id
    join catalog.book_versions using (book_id)
    where claims.open_minor <> 0
        and book_versions.operator_party_id in (documents.payer_party_id, documents.receiver_party_id)
    order by claims.latest_payment_date, documents.document_number, claims.part_number
"""


def open_claims(connection: psycopg.Connection, as_of: date) -> list[dict[str, Any]]:
    """What the operator owes and is owed by posted documents, the most urgent first."""
    with connection.cursor(row_factory=dict_row) as cursor:
        return cursor.execute(_CLAIMS, {"as_of": as_of}).fetchall()


def claims_to_watch(connection: psycopg.Connection, as_of: date, within_days: int = 14) -> list[dict[str, Any]]:
    """Claims on the operator whose statutory latest day is over or falls within these days."""
    limit = as_of + timedelta(days=within_days)
    return [row for row in open_claims(connection, as_of) if row["is_watched"] and row["latest_payment_date"] <= limit]


def as_text(rows: list[dict[str, Any]]) -> list[dict[str, str]]:
    """Rows as text, for CSV and for Dagster's metadata."""
    return [{name: "" if value is None else str(value) for name, value in row.items()} for row in rows]
