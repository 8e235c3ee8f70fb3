"""Months that are billed and posted one after the other, by the real models, door and ledger, without Dagster.

Belongs here: a book and files taken in, a draft built in lane build, posting it.
Belongs elsewhere: what is billed (the tests), the same through the command line (``tests/pipeline.py``).
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import psycopg

from assets.catalog.check import check_book
from assets.posting.post import post
from assets.publishing.bill_run_opening import open_bill_run
from assets.publishing.bill_runs import BillRun
from assets.publishing.publish import publish
from assets.quality.gates import check_lines_before_posting
from orchestration.database.connection import connect
from orchestration.database.lease import Lease, take_lease
from orchestration.dbt.trial import Trial
from tests.dbt.dbt_runner import run_dbt
from tests.unit.catalog.books import write_book


@dataclass
class PostedMonths:
    """One operator in a database of its own. ``deliver`` takes files in, ``draft`` bills a period, ``post`` ends it."""

    url: str
    folder: Path
    target_path: Path

    def load(self, files: dict[str, str]) -> None:
        """Load a book, which must be sound."""
        checked = check_book(write_book(self.folder / "book", files))
        assert checked.report() == ""
        with Trial(self.url, "conformance", self.folder) as trial:
            trial.load(checked)

    def deliver(self, files: dict[str, str], *, day: datetime = datetime(2026, 12, 1, tzinfo=UTC)) -> None:
        """Take files in; every row must be accepted."""
        inbox = self.folder / f"inbox-{len(list(self.folder.iterdir()))}"
        write_book(inbox, files)
        with Trial(self.url, "conformance", self.folder) as trial:
            assert trial.take_in(inbox, now=day) == []

    def draft(self, period_id: str) -> BillRun:
        """Build a draft of the period, let the door look at it, and publish it."""
        with self._lease(period_id) as lease:
            with connect(self.url, token=lease.token, lane="build") as connection:
                run = open_bill_run(
                    connection, lane="build", period_id=period_id, token=lease.token, code_version="test"
                )
            run_dbt(self.url, self.target_path, "run", token=lease.token)
            with connect(self.url, token=lease.token, lane="build") as connection:
                outcome = check_lines_before_posting(connection, run)
                assert not outcome.failed_checks(), outcome.failed_checks()
                publish(connection, run)
        return run

    def post(self, run: BillRun) -> None:
        """Make the draft a record."""
        with self._lease(run.period_id) as lease, connect(self.url, token=lease.token, lane="build") as connection:
            post(connection, run.bill_run_id, lease.token)

    def rows(self, query: str, *parameters: object) -> list[tuple]:
        """Rows of a query."""
        with psycopg.connect(self.url, options="-c timezone=UTC") as connection:
            return connection.execute(query, parameters).fetchall()

    @contextmanager
    def _lease(self, period_id: str) -> Iterator[Lease]:
        lease = take_lease("build", holder="test", period_id=period_id, url=self.url)
        try:
            yield lease
        finally:
            lease.release()
