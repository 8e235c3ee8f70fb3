"""A landing folder of files with calls, and the calls a test makes on it.

Belongs here: putting files down, taking them in, reading back. Belongs elsewhere: what must come of them (the tests).
"""

import gzip
import hashlib
import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import psycopg

from assets.ingestion.digests import usage_digest
from assets.ingestion.ingest import ingest_folder
from assets.ingestion.report import IngestReport
from tests.unit.ingestion.reading import HEADER, voice

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)


class Inbox:
    """A landing folder, a store and the calls a test makes on them."""

    def __init__(self, connection: psycopg.Connection, folder: Path) -> None:
        self.connection = connection
        self.landing, self.store = folder / "inbox", folder / "store"
        self.landing.mkdir()
        self.specification = voice()
        connection.execute(
            """insert into catalog.usage_specifications (usage_specification_code) values ('voice')
            on conflict do nothing"""
        )

    def put(self, name: str, *rows: str, header: str = HEADER, end: str = "\n") -> Path:
        return self.put_bytes(name, (end.join([header, *rows]) + end).encode())

    def put_bytes(self, name: str, content: bytes) -> Path:
        path = self.landing / name
        path.write_bytes(gzip.compress(content) if name.endswith(".gz") else content)
        return path

    def manifest(self, path: Path, rows: int, sent_at: datetime = NOW - timedelta(hours=1), **changes) -> None:
        content = {
            "rows": rows,
            "sha256": hashlib.sha256(path.read_bytes()).hexdigest(),
            "sent_at": sent_at.isoformat(),
        }
        path.with_name(path.name + ".manifest.json").write_text(json.dumps(content | changes))

    def ingest(self, now: datetime = NOW) -> IngestReport:
        report = ingest_folder(
            self.connection, self.landing, self.store, [self.specification], dagster_run_id=None, now=now
        )
        report.clear_landing(self.landing)
        for entry in report.files:
            assert (
                entry.rows_read
                == entry.rows_accepted + entry.rows_duplicate + entry.rows_conflict + entry.rows_rejected
            )
        return report

    def rows(self, query: str, *parameters) -> list[tuple]:
        return self.connection.execute(query, parameters or None).fetchall()

    def dispositions(self) -> list[tuple]:
        """(file name, line, disposition) of every row that is not accepted."""
        return self.rows(
            """select f.file_name, d.line_number, d.disposition from inbox.row_dispositions d
            join inbox.files f using (file_id) order by 1, 2, 3"""
        )

    def accepted(self) -> list[tuple]:
        return self.rows(
            """select f.file_name, u.line_number from inbox.usage_rows u join inbox.files f using (file_id)
            where not exists (select from inbox.row_dispositions d
                where d.file_id = u.file_id and d.line_number = u.line_number) order by 1, 2"""
        )

    def digest(self) -> str:
        return usage_digest(self.connection, 2_000_000_000)
