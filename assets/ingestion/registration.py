"""Batches and files as the database knows them.

Belongs here: reading and writing inbox.batches and inbox.files. Belongs elsewhere: rows (``loading``, ``records``).
"""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta

import psycopg

from assets.ingestion.refusal import FileRefused
from assets.ingestion.report import FileOutcome
from assets.rows import first_value

# "apportion intake" as one number; any other use of advisory locks must take another one.
_INTAKE_LOCK = 0x6170_7069
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def wait_for_other_intakes(connection: psycopg.Connection) -> None:
    """Makes intakes one after another until the transaction ends, so batch numbers follow the order of commits."""
    connection.execute("select pg_advisory_xact_lock(%s)", (_INTAKE_LOCK,))
    if connection.info.transaction_status == psycopg.pq.TransactionStatus.IDLE:
        raise ValueError("the connection is in autocommit mode; an intake needs one transaction around it")


def usage_specification_ids(connection: psycopg.Connection, codes: Iterable[str]) -> dict[str, int]:
    """Numbers of usage specifications by code; raises ValueError for one that no loaded book has."""
    known: dict[str, int] = dict(
        connection.execute(
            "select usage_specification_code, usage_specification_id from catalog.usage_specifications"
        ).fetchall()
    )
    unknown = [code for code in codes if code not in known]
    if unknown:
        raise ValueError(
            f"Found: usage specification {unknown[0]!r} without a number in catalog.usage_specifications."
            " Expected: a book that was loaded before. What to do: load the book, then ingest."
        )
    return known


def open_batch(connection: psycopg.Connection, dagster_run_id: str | None, now: datetime) -> int:
    """A new batch; its number."""
    opened = connection.execute(
        "insert into inbox.batches (dagster_run_id, started_at) values (%s, %s) returning batch_id",
        (dagster_run_id, now),
    )
    return first_value(opened)


def earlier_delivery(connection: psycopg.Connection, content_sha256: str) -> tuple[int, str] | None:
    """(file_id, file_name) under which this content was loaded, or None."""
    return connection.execute(
        "select file_id, file_name from inbox.files where content_sha256 = %s and state = 'loaded'", (content_sha256,)
    ).fetchone()


def refuse_reused_name(connection: psycopg.Connection, file_name: str) -> None:
    """Raises FileRefused when another content was loaded under this name."""
    row = connection.execute(
        "select file_id, content_sha256 from inbox.files where file_name = %s and state = 'loaded' limit 1",
        (file_name,),
    ).fetchone()
    if row is not None:
        raise FileRefused(
            f"other content than file {row[0]}, which was loaded under the same name",
            "a new name for new content",
            "send a correction under a name of its own",
        )


def is_registered(connection: psycopg.Connection, outcome: FileOutcome) -> bool:
    """Whether the last registration of this name and content says the same."""
    row = connection.execute(
        """select state, reason from inbox.files where file_name = %s and content_sha256 = %s
        order by file_id desc limit 1""",
        (outcome.file_name, outcome.content_sha256),
    ).fetchone()
    return row == (outcome.state, outcome.reason)


def next_file_id(connection: psycopg.Connection) -> int:
    """A number for a file, before its row can be written."""
    return first_value(connection.execute("select nextval(pg_get_serial_sequence('inbox.files', 'file_id'))"))


def register(
    connection: psycopg.Connection,
    batch_id: int,
    outcome: FileOutcome,
    stored_path: str,
    received_at: datetime,
    first_file_id: int | None = None,
) -> None:
    """Writes the file's row; counts follow with ``write_counts``."""
    connection.execute(
        """insert into inbox.files (file_id, batch_id, feed, feed_kind, file_name, content_sha256, size_bytes, state,
            reason, first_file_id, received_at, stored_path, series, sequence_number)
        overriding system value values (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s)""",
        (
            outcome.file_id,
            batch_id,
            outcome.feed,
            outcome.feed_kind,
            outcome.file_name,
            outcome.content_sha256,
            outcome.size_bytes,
            outcome.state,
            outcome.reason,
            first_file_id,
            received_at,
            stored_path,
            outcome.number.series if outcome.number else None,
            outcome.number.number if outcome.number else None,
        ),
    )


def write_counts(connection: psycopg.Connection, outcomes: Iterable[FileOutcome]) -> None:
    """Completes the rows of files of this batch with their account; the table checks that it adds up."""
    with connection.cursor() as cursor:
        cursor.executemany(
            """update inbox.files set rows_read = %s, rows_accepted = %s, rows_duplicate = %s, rows_conflict = %s,
                rows_rejected = %s, quantity_units_accepted = %s where file_id = %s""",
            [
                (
                    entry.rows_read,
                    entry.rows_accepted,
                    entry.rows_duplicate,
                    entry.rows_conflict,
                    entry.rows_rejected,
                    entry.quantity_units_accepted,
                    entry.file_id,
                )
                for entry in outcomes
            ],
        )


def write_span(connection: psycopg.Connection, batch_id: int, first_us: int | None, last_us: int | None) -> None:
    """Notes the batch's first and last event (microseconds since 1970 UTC), by which later batches find it."""
    if first_us is None or last_us is None:
        return
    span = [_EPOCH + timedelta(microseconds=instant) for instant in (first_us, last_us)]
    connection.execute(
        "update inbox.batches set events_from = %s, events_until = %s where batch_id = %s", (*span, batch_id)
    )


def stored_file(connection: psycopg.Connection, file_id: int) -> tuple[str, str] | None:
    """(file_name, stored_path) of a file whose content is kept."""
    return connection.execute(
        "select file_name, stored_path from inbox.files where file_id = %s and stored_path is not null", (file_id,)
    ).fetchone()
