"""One intake: every file that has landed, as one batch in the caller's transaction.

Belongs here: the order of the steps and the registration of files.
Belongs elsewhere: each step itself (the other modules of this package), Dagster's face (``assets``).

Usage files are read ahead by threads (``reading``); everything that decides about a file happens here, one after
another.
"""

import shutil
import tempfile
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

import duckdb
import psycopg

from assets.catalog.models.usage_specification import UsageSpecification
from assets.ingestion import dispositions, encoding, landing, lines, loading, numbering, registration
from assets.ingestion.layout import Layout, usage_layout
from assets.ingestion.populations import records
from assets.ingestion.populations.fields import Population
from assets.ingestion.populations.partner_statements import statements_in_force
from assets.ingestion.populations.registry import POPULATIONS
from assets.ingestion.reading import FileRead, FileToRead, ReadAhead, read_file, reading_ahead, threads_for
from assets.ingestion.refusal import FileRefused, NotYetComplete
from assets.ingestion.report import FileOutcome, IngestReport, Progress
from assets.ingestion.staging import StagedFile, stage_file
from assets.ingestion.store import StoredFile, copy_into_store, remove_unfinished_copies
from assets.ingestion.usage_load import UsageLoad
from assets.rows import first_value, one_row

_SCRATCH = ".scratch-"  # and a random end: a folder of one intake


@dataclass
class _Intake:
    """Everything the steps of one intake share."""

    connection: psycopg.Connection
    session: duckdb.DuckDBPyConnection
    store_folder: Path
    scratch: Path
    now: datetime
    dagster_run_id: str | None
    report: IngestReport
    usage_specification_ids: dict[str, int]
    populations: dict[str, Population]
    record_load: records.RecordLoad
    staged: dict[int, StagedFile] = field(default_factory=dict)
    places: int = 0  # staged copies so far; their names
    contents: set[str] = field(default_factory=set)  # usage that is being read
    population_files: list[FileOutcome] = field(default_factory=list)  # taken, not yet loaded
    usage_files: dict[int, FileOutcome] = field(default_factory=dict)
    usage_load: UsageLoad | None = None  # from the first usage file on
    events_considered_from: datetime | None = None

    def batch_id(self) -> int:
        """The batch of this intake, opened when the first file is registered."""
        if self.report.batch_id is None:
            self.report.batch_id = registration.open_batch(self.connection, self.dagster_run_id, self.now)
        return self.report.batch_id


def ingest_folder(
    connection: psycopg.Connection,
    inbox_folder: Path,
    store_folder: Path,
    specifications: Iterable[UsageSpecification],
    *,
    dagster_run_id: str | None,
    now: datetime,
    progress: Progress | None = None,
) -> IngestReport:
    """Takes in every complete file of the landing folder: populations first, then usage, as one batch.

    Everything happens in the caller's transaction, which is neither committed nor rolled back here; a crash leaves at
    most contents in the file store that nothing refers to. Files stay where they landed (see
    ``IngestReport.clear_landing``). Intakes into one database wait for each other.

    ``now`` must know its offset. Raises ValueError for a specification the catalogue does not know.
    """
    if now.tzinfo is None:
        raise ValueError("now has no offset; pass an aware instant such as datetime.now(UTC)")
    registration.wait_for_other_intakes(connection)
    populations = [*POPULATIONS, *statements_in_force(connection)]
    layouts = [population.layout for population in populations] + [usage_layout(entry) for entry in specifications]
    landed, waiting = landing.look_at(inbox_folder, layouts)
    report = IngestReport(waiting=waiting)
    if not landed:
        return report
    usage_feeds = [layout.feed for layout in layouts if layout.feed_kind == "usage"]
    bytes_in_all = sum(entry.size_bytes for entry in landed)
    bytes_done = 0
    with _scratch_folder(store_folder) as scratch:
        session = lines.open_session(scratch, threads_of_callers=threads_for(_usage_sizes(landed)))
        intake = _Intake(
            connection=connection,
            session=session,
            store_folder=store_folder,
            scratch=scratch,
            now=now,
            dagster_run_id=dagster_run_id,
            report=report,
            usage_specification_ids=registration.usage_specification_ids(connection, usage_feeds),
            populations={population.layout.feed: population for population in populations},
            record_load=records.RecordLoad(session, connection, scratch),
        )
        encoding.create_batch_tables(session)
        with reading_ahead(session) as ahead, ThreadPoolExecutor(2, "storing") as storing:
            # Usage is stored first, so that reading it begins at once; files are taken in in the order of `landed`.
            stored = [
                (entry, storing.submit(copy_into_store, entry.path, store_folder))
                for entry in sorted(landed, key=_is_no_usage)
            ]
            received = {id(entry): _receive(intake, ahead, entry, copy) for entry, copy in stored}
            for delivery in filter(None, (received[id(entry)] for entry in landed)):
                if progress is not None:
                    progress(f"reading {delivery.outcome.file_name}", bytes_done, bytes_in_all)
                if delivery.outcome.feed_kind != "population" or intake.record_load.is_full:
                    _finish_populations(intake)
                _take_in(intake, ahead, delivery)
                bytes_done += delivery.stored.size_bytes
            _finish_populations(intake)
        if intake.events_considered_from is not None:
            if progress is not None:
                progress("loading usage rows", bytes_done, bytes_in_all)
            _finish_usage(intake, intake.events_considered_from)
        session.close()
    return report


def _is_no_usage(entry: landing.Landed) -> bool:
    return not any(layout.feed_kind == "usage" for layout in entry.layouts)


def _usage_sizes(landed: Iterable[landing.Landed]) -> list[int]:
    return [entry.size_bytes for entry in landed if not _is_no_usage(entry)]


@contextmanager
def _scratch_folder(store_folder: Path) -> Iterator[Path]:
    """A folder beside the store for staged copies and DuckDB's spill files; /tmp may be small or in memory.

    What a killed intake left there goes first: unpacked copies are large, and intakes come one after another.
    """
    store_folder.mkdir(parents=True, exist_ok=True)
    for left in store_folder.glob(f"{_SCRATCH}*"):
        shutil.rmtree(left, ignore_errors=True)
    remove_unfinished_copies(store_folder)
    folder = Path(tempfile.mkdtemp(prefix=_SCRATCH, dir=store_folder)).resolve()
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@dataclass
class _Delivery:
    """One file on its way in. ``problem``: why it cannot be read, found before anybody looked into it."""

    stored: StoredFile
    outcome: FileOutcome
    received_at: datetime
    layout: Layout | None = None
    manifest: landing.Manifest | None = None
    problem: FileRefused | NotYetComplete | None = None

    @property
    def file_id(self) -> int:
        """The file's number. A delivery gets one before it is read; asking earlier is a fault of this program."""
        if self.outcome.file_id is None:
            raise AssertionError(f"{self.outcome.file_name} has no number yet")
        return self.outcome.file_id

    def to_read(self, intake: _Intake, layout: Layout) -> FileToRead:
        """How the file is read."""
        intake.places += 1
        stored, target = intake.store_folder / self.stored.path, intake.scratch / f"{intake.places}.txt"
        return FileToRead(stored, self.outcome.file_name, target, layout, self.received_at, self.manifest)


def _receive(intake: _Intake, ahead: ReadAhead, landed: landing.Landed, copy: Future[StoredFile]) -> _Delivery | None:
    """One file stored and looked at from outside; None when it cannot be. New usage begins to be read."""
    try:
        stored = copy.result()
    except OSError as error:
        intake.report.waiting.append(landing.Waiting(landed.file_name, f"it cannot be read: {error.strerror}"))
        return None
    kind = landed.layouts[0].feed_kind if len(landed.layouts) == 1 else "unknown"
    feed = landed.layouts[0].feed if len(landed.layouts) == 1 else "unknown"
    outcome = FileOutcome(
        landed.file_name, feed, kind, "loaded", stored.content_sha256, stored.size_bytes, stored.source_version
    )
    delivery = _Delivery(stored, outcome, received_at=intake.now)
    try:
        layout = delivery.layout = landing.only_layout(landed)
        if layout.numbered_names is not None:
            outcome.number = numbering.file_number(layout.numbered_names, landed.file_name)
        delivery.manifest = landing.read_manifest(landed.path, intake.now)
        if delivery.manifest is not None:
            delivery.received_at = delivery.manifest.sent_at
            landing.check_content(delivery.manifest, stored.content_sha256, intake.now)
    except (FileRefused, NotYetComplete) as problem:
        delivery.problem = problem
        return delivery
    is_new = registration.earlier_delivery(intake.connection, stored.content_sha256) is None
    if layout.feed_kind == "usage" and is_new and stored.content_sha256 not in intake.contents:
        intake.contents.add(stored.content_sha256)
        ahead.submit(delivery.to_read(intake, layout))
    return delivery


def _take_in(intake: _Intake, ahead: ReadAhead, delivery: _Delivery) -> None:
    """One file: checked, registered; its rows kept in the session, usage rows sent when they are many."""
    outcome, stored, layout = delivery.outcome, delivery.stored, delivery.layout
    try:
        if delivery.problem is not None:
            raise delivery.problem
        assert layout is not None
        earlier = registration.earlier_delivery(intake.connection, stored.content_sha256)
        if earlier is not None:
            _register_duplicate(intake, delivery, *earlier)
            return
        registration.refuse_reused_name(intake.connection, outcome.file_name)
        if outcome.number is not None:
            numbering.refuse_repeated_number(intake.connection, layout.feed, outcome.number)
            numbering.refuse_distant_number(intake.connection, layout, outcome.number)
        outcome.file_id = registration.next_file_id(intake.connection)
        if layout.feed_kind == "usage":
            if not ahead.has(outcome.file_name):  # the content of a file that was refused a moment ago
                ahead.submit(delivery.to_read(intake, layout))
            usage = ahead.read(outcome.file_name)
        else:
            population = read_file(intake.session, delivery.to_read(intake, layout))
    except NotYetComplete as wait:
        intake.report.waiting.append(landing.Waiting(outcome.file_name, str(wait)))
        return
    except FileRefused as refusal:
        _register_refusal(intake, delivery, str(refusal))
        return
    # From here on the file is loaded; rows can be rejected, the file no more.
    intake.report.files.append(outcome)
    registration.register(intake.connection, intake.batch_id(), outcome, stored.path, delivery.received_at)
    if layout.feed_kind == "population":
        _take_population(intake, layout, delivery, population)
        return
    considered_from = delivery.received_at - timedelta(days=layout.age_limit_days)
    intake.events_considered_from = min(intake.events_considered_from or considered_from, considered_from)
    intake.staged[delivery.file_id] = usage.staged
    outcome.rows_read, outcome.rows_rejected = usage.rows_read, usage.rows_rejected
    _check_all_accounted_for(outcome, usage.rows_kept)
    intake.usage_files[delivery.file_id] = outcome
    if intake.usage_load is None:
        intake.usage_load = UsageLoad(intake.session, intake.connection, intake.scratch, intake.batch_id())
    intake.usage_load.take(usage, delivery.file_id, intake.usage_specification_ids[layout.feed])


def _register_duplicate(intake: _Intake, delivery: _Delivery, first_file_id: int, first_file_name: str) -> None:
    outcome = delivery.outcome
    outcome.state = "duplicate"
    outcome.reason = (
        f"Found: content that was loaded as file {first_file_id} ({first_file_name}). Expected: new content."
        " What to do: nothing, if it was sent twice by mistake."
    )
    _register_without_rows(intake, delivery, first_file_id)


def _register_refusal(intake: _Intake, delivery: _Delivery, reason: str) -> None:
    outcome = delivery.outcome
    outcome.state, outcome.reason, outcome.rows_read, outcome.file_id = "refused", reason, 0, None
    _register_without_rows(intake, delivery, None)


def _register_without_rows(intake: _Intake, delivery: _Delivery, first_file_id: int | None) -> None:
    outcome = delivery.outcome
    intake.report.files.append(outcome)
    # A file that stays in the landing folder is seen at every intake; the same finding is registered once.
    if not registration.is_registered(intake.connection, outcome):
        outcome.file_id = registration.next_file_id(intake.connection)
        registration.register(
            intake.connection, intake.batch_id(), outcome, delivery.stored.path, delivery.received_at, first_file_id
        )


def _take_population(intake: _Intake, layout: Layout, delivery: _Delivery, read: FileRead) -> None:
    outcome = delivery.outcome
    intake.staged[delivery.file_id] = read.staged
    outcome.rows_read = read.rows_read
    kept = intake.record_load.take(intake.populations[layout.feed], delivery.file_id)
    if kept < outcome.rows_read:
        outcome.rows_rejected = encoding.keep_rejected(
            intake.session, read.rejected_query, read.rules, delivery.file_id
        )
    _check_all_accounted_for(outcome, kept)
    intake.population_files.append(outcome)


def _finish_populations(intake: _Intake) -> None:
    """All population rows that were taken are loaded, decided and counted."""
    if not intake.population_files:
        return
    intake.record_load.load()
    _count_decided(intake.session, intake.population_files)
    dispositions.keep_raw_lines(intake.session, _stager(intake))
    dispositions.send_dispositions(intake.session, intake.connection, intake.scratch, intake.batch_id())
    intake.session.execute("truncate dispositions")
    registration.write_counts(intake.connection, intake.population_files)
    intake.population_files = []


def _check_all_accounted_for(outcome: FileOutcome, rows_kept: int) -> None:
    """Every physical line has one fate. Anything else is a fault of this program: nothing may be committed."""
    if rows_kept + outcome.rows_rejected != outcome.rows_read:
        raise AssertionError(
            f"{outcome.file_name}: {outcome.rows_read} rows read, {rows_kept} kept, {outcome.rows_rejected} rejected"
        )


def _finish_usage(intake: _Intake, considered_from: datetime) -> None:
    """All usage rows of the batch are read: the rest is sent, decisions, counts."""
    session, connection, batch_id = intake.session, intake.connection, intake.batch_id()
    assert intake.usage_load is not None
    with intake.usage_load.completing(considered_from):
        encoding.add_batch_files(session, {number: file.content_sha256 for number, file in intake.usage_files.items()})
        dispositions.decide(session)
        older_in_conflict = first_value(session.execute("select count(*) from decided where is_older"))
        intake.report.older_rows_in_conflict = older_in_conflict
        _count_decided(session, intake.usage_files.values())
        dispositions.keep_raw_lines(session, _stager(intake))
    dispositions.send_dispositions(session, connection, intake.scratch, batch_id)
    loading.attach_usage_rows(connection, batch_id)
    registration.write_counts(connection, intake.usage_files.values())
    first_us, last_us = one_row(session.execute("select min(event_us), max(event_us) from usage"))
    registration.write_span(connection, batch_id, first_us, last_us)


def _count_decided(session: duckdb.DuckDBPyConnection, outcomes: Iterable[FileOutcome]) -> None:
    """Fills in duplicates, conflicts, accepted rows and the control total from the session's tables."""
    decided = {
        (file_id, disposition): count
        for file_id, disposition, count in session.execute(
            "select file_id, disposition, count(*) from decided group by all"
        ).fetchall()
    }
    # What was read and well formed, less what is not accepted; so the rows need not be looked up among those decided.
    units = dict(
        session.execute(
            """select file_id, sum(units)::varchar from (
                select file_id, sum(quantity_units) as units from usage group by file_id
                union all select file_id, -sum(quantity_units) from decided group by file_id)
            group by file_id"""
        ).fetchall()
    )
    for outcome in outcomes:
        outcome.rows_duplicate = decided.get((outcome.file_id, "duplicate"), 0)
        outcome.rows_conflict = decided.get((outcome.file_id, "conflict"), 0)
        outcome.rows_accepted = (
            outcome.rows_read - outcome.rows_rejected - outcome.rows_duplicate - outcome.rows_conflict
        )
        outcome.quantity_units_accepted = int(units.get(outcome.file_id) or 0)


def _stager(intake: _Intake) -> Callable[[int], StagedFile | None]:
    """Finds the staged copy of a file, making it again from the store for files of older batches."""

    def stage(file_id: int) -> StagedFile | None:
        if file_id in intake.staged:
            return intake.staged[file_id]
        found = registration.stored_file(intake.connection, file_id)
        if found is None or not (intake.store_folder / found[1]).is_file():
            return None
        target = intake.scratch / f"older-{file_id}.txt"
        return stage_file(intake.store_folder / found[1], found[0], target, mark=",")

    return stage


__all__ = ["FileOutcome", "IngestReport", "ingest_folder"]
