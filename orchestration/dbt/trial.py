"""A trial: a book, populations and usage rated by the same models as a bill run, in a database that nobody bills from.

Belongs here: the trial's database, taking in a book and a folder of files, one dbt invocation in a lane.
Belongs elsewhere: what is tried (``orchestration.cli.quote``, the conformance runner of the tests), the models (dbt).

What is tried never meets the records: no usage of a trial can reach a bill, and nothing of a trial is ever posted.
"""

import os
import subprocess
from collections.abc import Iterable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from pathlib import Path
from types import TracebackType
from urllib.parse import urlsplit, urlunsplit

import psycopg
from psycopg import sql

from assets.catalog.check import CheckedBook
from assets.catalog.loading.load import LoadedBook, load_book
from assets.ingestion.ingest import ingest_folder
from assets.ingestion.specifications import specifications_in_force
from assets.publishing.account_periods import AccountPeriod
from assets.publishing.bill_run_opening import code_version, open_lane_run
from assets.publishing.bill_runs import BillRun
from assets.publishing.refusal import Refusal
from assets.quality.checks import CheckResult
from assets.quality.gate_rows import gate_result, store_usage_gate, unchecked_batches
from orchestration.database.connection import connect, dbt_environment
from orchestration.database.lease import Lease, take_lease
from orchestration.database.migrations import version_digest
from orchestration.dbt import kept_models
from orchestration.paths import DBT_COMMAND, DBT_PROJECT, home

LINES_SHOWN = 12


class TrialFailed(Refusal):
    """The trial came to no figures: a file was refused, or a model failed."""


def trial_database(name: str, *, fresh: bool) -> str:
    """The URL of the trial's own database, ``<name>`` on the server in force, with the tables of this version.

    Args:
        fresh: Throw away what an earlier trial has left; else it is used again.
    """
    from orchestration.database.migrations import migrate
    from orchestration.database.server import embedded_server, external_url

    server = external_url() or embedded_server().start()
    with psycopg.connect(server, autocommit=True) as connection:
        if fresh:
            connection.execute(sql.SQL("drop database if exists {} with (force)").format(sql.Identifier(name)))
        if connection.execute("select from pg_database where datname = %s", [name]).fetchone() is None:
            connection.execute(sql.SQL("create database {}").format(sql.Identifier(name)))
    url = urlunsplit(urlsplit(server)._replace(path=f"/{name}"))
    with psycopg.connect(url, autocommit=True) as connection:
        # Its comment says which tables it has, so that most trials need not ask Alembic.
        has_tables = connection.execute(
            "select shobj_description(oid, 'pg_database') from pg_database where datname = %s", [name]
        ).fetchone()
        if has_tables != (version_digest(),):
            migrate(url)
            connection.execute(
                sql.SQL("comment on database {} is {}").format(sql.Identifier(name), sql.Literal(version_digest()))
            )
    return url


@dataclass(frozen=True, slots=True)
class LeftOut:
    """A row of a file that was not accepted: where, what it said, why."""

    file_name: str
    line_number: int
    raw_line: str | None
    characteristic: str | None
    found: str | None
    expected: str | None

    def __str__(self) -> str:
        return (
            f"{self.file_name}:{self.line_number}: {self.characteristic or 'row'}: found {self.found}, "
            f"expected {self.expected}"
        )


_ROWS_LEFT_OUT = """
select file_name, line_number, raw_line, characteristic, found, expected
from inbox.row_dispositions
inner join inbox.files using (file_id)
where decided_in_batch_id = %s
order by file_id, line_number"""


@dataclass
class Trial(AbstractContextManager["Trial"]):
    """One trial in one lane, which it holds until the block ends."""

    url: str
    lane: str
    folder: Path
    _lease: Lease | None = field(default=None, repr=False)

    def __enter__(self) -> "Trial":
        self._lease = take_lease(self.lane, holder="trial", period_id="-", url=self.url)
        return self

    def __exit__(
        self, _kind: type[BaseException] | None, _error: BaseException | None, _trace: TracebackType | None
    ) -> None:
        if self._lease is not None:
            self._lease.release()

    @property
    def token(self) -> int:
        """The token of the lease, which every write carries."""
        if self._lease is None:
            raise RuntimeError("the trial has not begun: use it as a context manager")
        return self._lease.token

    def connect(self) -> AbstractContextManager[psycopg.Connection]:
        """A connection that may write in the lane."""
        return connect(self.url, token=self.token, lane=self.lane)

    def load(self, book: CheckedBook) -> LoadedBook:
        """Load a book without problems."""
        with self.connect() as connection:
            return load_book(connection, book)

    def take_in(self, inbox: Path, *, now: datetime | None = None) -> list[LeftOut]:
        """Take in the files of a folder; the rows that were not accepted, each with its reason.

        Raises:
            TrialFailed: a whole file was refused, or waits for something.
        """
        with self.connect() as connection:
            report = ingest_folder(
                connection,
                inbox,
                self.folder / "files",
                specifications_in_force(connection),
                dagster_run_id=None,
                now=now or datetime.now(UTC),
            )
            refused = [f"{entry.file_name}: {entry.reason}" for entry in report.files if entry.state != "loaded"]
            refused += [f"{entry.file_name}: {entry.reason}" for entry in report.waiting]
            if refused:
                raise TrialFailed("files_refused", "; ".join(refused), "Correct what the trial was given.")
            for batch_id in unchecked_batches(connection):
                # Nothing is billed from here, so the door only asks whether every row has one fate.
                check = CheckResult("every_row_of_the_trial_has_a_fate", "inbox.files", True, report.rows_read, 0)
                store_usage_gate(connection, batch_id, gate_result("usage_in", [check]))
            return [LeftOut(*row) for row in connection.execute(_ROWS_LEFT_OUT, [report.batch_id])]

    def open(self, account_periods: Sequence[AccountPeriod], *, issue_date: date) -> BillRun:
        """Open a run of the lane over these accounts and windows."""
        with self.connect() as connection:
            return open_lane_run(
                connection,
                lane=self.lane,
                account_periods=account_periods,
                issue_date=issue_date,
                token=self.token,
                code_version=code_version(),
            )

    def build(self, models: Iterable[str]) -> None:
        """Make the models and what they stand on, in one dbt invocation.

        Raises:
            TrialFailed: a model failed; the message ends with what dbt said.
        """
        target = home() / "dbt" / f"trial-{self.lane}"
        target.mkdir(parents=True, exist_ok=True)
        models = sorted(models)
        made_for = f"{code_version()} {version_digest()} {' '.join(models)}"
        with self.connect() as connection:
            # The staging views of the lane stay, being views, as long as code and tables do.
            has_staging = kept_models.kept_for(connection, self.lane) == made_for
        command = [
            # What nobody reads costs half a second: the manifest, which is prepared anyway.
            *(*DBT_COMMAND, "--no-write-json", "run"),
            *("--select", *(f"+{model}" for model in models)),
            *(("--exclude", "path:models/staging,config.materialized:view") if has_staging else ()),
            *("--project-dir", str(DBT_PROJECT), "--profiles-dir", str(DBT_PROJECT)),
            *("--target-path", str(target), "--log-path", str(target)),
        ]
        environment = {**os.environ, **dbt_environment(token=self.token, lane=self.lane, url=self.url)}
        finished = subprocess.run(
            command, cwd=DBT_PROJECT, env=environment, capture_output=True, text=True, check=False
        )
        if finished.returncode != 0:
            said = "\n".join((finished.stdout + finished.stderr).splitlines()[-LINES_SHOWN * 3 :])
            raise TrialFailed("models_failed", said, f"Look at {target}/dbt.log.")
        if not has_staging:
            with self.connect() as connection:
                kept_models.keep(connection, self.lane, made_for)

    def build_kept(self, models: Iterable[str]) -> None:
        """Make the models without dbt, from what it compiled when code and tables were last new: for small trials.

        Raises:
            TrialFailed: as ``build``.
        """
        target = home() / "dbt" / f"kept-{self.lane}"
        target.mkdir(parents=True, exist_ok=True)
        models = sorted(models)
        made_for = f"kept {code_version()} {version_digest()} {' '.join(models)}"
        try:
            with self.connect() as connection:
                if kept_models.kept_for(connection, self.lane) != made_for:
                    environment = dbt_environment(token=self.token, lane=self.lane, url=self.url)
                    nodes = kept_models.compile_models(models, target, environment)
                    kept_models.make_relations(connection, self.lane, nodes)
                    kept_models.keep(connection, self.lane, made_for)
                kept_models.fill_tables(connection, self.lane)
        except kept_models.CompileFailed as error:
            said = "\n".join(str(error).splitlines()[-LINES_SHOWN * 3 :])
            raise TrialFailed("models_failed", said, f"Look at {target}/dbt.log.") from error
        except psycopg.Error as error:
            # Its whole text holds the statement, a hundred lines of SQL.
            said = error.diag.message_primary or str(error)
            raise TrialFailed("models_failed", said, "") from error
