"""The bank's files in the ledger: prepared once from proposed payments, the same bytes for ever.

Belongs here: which payments go into which file, its id and sums, keeping it.
Belongs elsewhere: the XML (``payment_file``), approving and handing over (``release``).
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import psycopg
from psycopg.rows import dict_row

from assets.payments import statements
from assets.payments.payment_file import FileHead, Transfer, is_sepa, payment_file
from assets.rows import first_value


@dataclass(frozen=True, slots=True)
class PreparedFile:
    """A file that waits for the checker. ``control_sum_minor`` is in minor units of ``currency_code``."""

    message_id: str
    currency_code: str
    debtor_account: str
    transaction_count: int
    control_sum_minor: int
    content_sha256: str


def prepare_files(connection: psycopg.Connection, payment_ids: Sequence[str], maker: str) -> tuple[PreparedFile, ...]:
    """Make and keep the files of payments that were just inserted, one per debtor account and currency.

    In the caller's transaction: payments without a file, or a file without its payments, cannot be.
    """
    with connection.cursor(row_factory=dict_row) as cursor:
        payments = {row["payment_id"]: row for row in cursor.execute(statements.PAYMENTS_OF, _ids(payment_ids))}
        sepa = {
            payment_id: is_sepa(row["currency_code"], row["debtor_account"], row["bank_account"])
            for payment_id, row in payments.items()
        }
        prepared_at: datetime = first_value(connection.execute("select now()"))
        files = cursor.execute(statements.FILES, _given(list(payments), sepa)).fetchall()
        return tuple(_prepare(cursor, file, payments, sepa, maker, prepared_at) for file in files)


def _prepare(
    cursor: psycopg.Cursor[dict[str, Any]],
    file: dict[str, Any],
    payments: dict[str, dict[str, Any]],
    sepa: dict[str, bool],
    maker: str,
    prepared_at: datetime,
) -> PreparedFile:
    groups = cursor.execute(statements.FILE_GROUPS, _given(file["payment_ids"], sepa)).fetchall()
    head = FileHead(
        message_id=file["message_id"],
        created_at=prepared_at,
        debtor_name=file["debtor_name"],
        debtor_account=file["debtor_account"],
        debtor_bic=file["debtor_bic"],
        currency_code=file["currency_code"],
        control_sum_minor=file["control_sum_minor"],
        group_sums_minor={(group["execution_date"], group["is_sepa"]): group["sum_minor"] for group in groups},
    )
    names = Transfer.__dataclass_fields__
    transfers = [Transfer(**{name: payments[key][name] for name in names}) for key in file["payment_ids"]]
    content = payment_file(head, transfers)
    row = file | {
        "content": content,
        "content_sha256": hashlib.sha256(content.encode()).hexdigest(),
        "prepared_by": maker,
        "prepared_at": prepared_at,
    }
    cursor.execute(statements.INSERT_FILE, row)
    cursor.execute(statements.INSERT_ENTRIES, row)
    return PreparedFile(**{name: row[name] for name in PreparedFile.__dataclass_fields__})


def _ids(payment_ids: Sequence[str]) -> dict[str, Any]:
    return {"payment_ids": list(payment_ids)}


def _given(payment_ids: Sequence[str], sepa: dict[str, bool]) -> dict[str, Any]:
    return {"payment_ids": list(payment_ids), "is_sepa": [sepa[payment_id] for payment_id in payment_ids]}
