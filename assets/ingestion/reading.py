"""One file from the store to judged rows, and usage files read ahead: each by one thread, several at once.

Belongs here: staging, checks of a file as a whole, the order of parsing and encoding. Nothing here touches PostgreSQL.
Belongs elsewhere: which files, in which order, and their registration (``ingest``); each step (``staging``, ``lines``).

A file fits into one of DuckDB's row groups, so DuckDB gives one thread to it; two files at once use two cores. What is
read ahead stays in tables of its own until ``usage_load`` takes it, so a file that is refused by then leaves no trace.
"""
# ruff: noqa: S608 - SQL is put together from this package's names and literals; nothing of a file gets into it.

import os
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from queue import SimpleQueue

import duckdb

from assets.ingestion import encoding, lines, plain_blocks, plain_lines
from assets.ingestion.grammars import Rule, rules, typed
from assets.ingestion.landing import Manifest
from assets.ingestion.layout import Layout, header_positions
from assets.ingestion.populations.account_credits import account_credit_rules
from assets.ingestion.populations.tariffs import tariff_rules
from assets.ingestion.refusal import FileRefused
from assets.ingestion.staging import StagedFile, stage_file
from assets.rows import first_value

FILES_AT_ONCE = min(2, os.cpu_count() or 1)


def threads_for(sizes: Sequence[int]) -> int:
    """How many threads will read files of these sizes; one, with DuckDB's own, where one file is most of it all."""
    return 1 if 2 * max(sizes, default=0) >= sum(sizes) else FILES_AT_ONCE


@dataclass(frozen=True)
class FileToRead:
    """A file of the store with what decides how it is read. ``target``: where its staged copy goes."""

    stored: Path
    file_name: str
    target: Path
    layout: Layout
    received_at: datetime
    manifest: Manifest | None


@dataclass(frozen=True)
class FileRead:
    """A file whose rows are in the session's `lines` and `parsed`; ``rejected_query`` gives the rejected ones again."""

    staged: StagedFile
    rows_read: int
    rules: list[Rule]
    rejected_query: str


@dataclass(frozen=True)
class _Opened:
    """A file that is whole."""

    layout: Layout
    staged: StagedFile
    rows_read: int
    positions: tuple[int, ...]
    row_rules: list[Rule]

    def parse(self, session: duckdb.DuckDBPyConnection, rows: int, source: str = lines.LINES) -> FileRead:
        rejected_query = lines.parse(
            session, self.layout, self.staged, self.positions, self.row_rules, rows=rows, source=source
        )
        all_rules = lines.structure_rules(self.layout, self.staged) + self.row_rules
        return FileRead(self.staged, self.rows_read, all_rules, rejected_query)


def read_file(session: duckdb.DuckDBPyConnection, file: FileToRead) -> FileRead:
    """Stages a file, checks it as a whole and judges its rows. Raises FileRefused, and leaves no staged copy then."""
    with _no_copy_of_a_refused_file(file):
        opened = _open_file(file)
        lines.read_lines(session, opened.staged)
        return opened.parse(session, opened.rows_read)


@contextmanager
def _no_copy_of_a_refused_file(file: FileToRead) -> Iterator[None]:
    try:
        yield
    except FileRefused:
        file.target.unlink(missing_ok=True)
        raise


def _open_file(file: FileToRead) -> _Opened:
    layout = file.layout
    staged = stage_file(file.stored, file.file_name, file.target, mark=layout.mark)
    header_lines = 1 if layout.file_format == "csv" else 0
    rows_read = max(0, staged.line_count - header_lines)
    positions = tuple(range(len(layout.fields)))
    if staged.line_count and header_lines:
        positions = header_positions(layout, staged.first_line)
    _check_completeness(staged, rows_read, header_lines, file.manifest)
    row_rules = rules(layout, file.received_at)
    if layout.feed == "price_overrides":
        row_rules += tariff_rules(layout)
    row_rules += account_credit_rules(layout)
    return _Opened(layout, staged, rows_read, positions, row_rules)


def _check_completeness(staged: StagedFile, rows_read: int, header_lines: int, manifest: Manifest | None) -> None:
    if manifest is not None and manifest.rows != rows_read:
        raise FileRefused(
            f"{rows_read} rows",
            f"{manifest.rows} rows as in the manifest",
            "send file and manifest again, under a new name",
        )
    if staged.line_count < header_lines:
        raise FileRefused("an empty file", "a header line", "send the file again under a new name")
    if rows_read == 0 and manifest is None:
        raise FileRefused(
            "no rows", "rows, or a manifest that says rows: 0", "send the rows, or a manifest for an empty delivery"
        )
    # The last number of a file that was cut in transfer looks like a smaller number.
    if manifest is None and not staged.ends_with_line_break:
        raise FileRefused(
            "a last line without line break, so the file may be cut",
            "a line break at the end, or a manifest",
            "send the whole file again under a new name",
        )


@dataclass(frozen=True)
class UsageRead:
    """An encoded usage file, with its rows in two tables of its own that no other file has."""

    staged: StagedFile
    rows_read: int
    rows_kept: int
    rows_rejected: int
    layout: Layout
    number: int


def read_usage(session: duckdb.DuckDBPyConnection, file: FileToRead, number: int) -> UsageRead:
    """As ``read_file``, and encodes the good rows: plain lines by the short way, all others by the long one."""
    layout, usage, dispositions = file.layout, f"usage_{number}", f"dispositions_{number}"
    encoding.create_file_tables(session, usage, dispositions)
    with _no_copy_of_a_refused_file(file):
        opened = _open_file(file)
        rejected, read = 0, None
        plain = _keep_plain_lines(session, file, opened, usage)
        kept = plain or 0
        others = opened.rows_read - kept
        if others or layout.control_totals:
            read = _parse_others(session, opened, others, has_plain=plain is not None)
        _check_control_totals(session, layout, file.manifest, usage)
    if others and read is not None:
        kept += encoding.keep_usage(session, layout, into=usage)
        if kept < opened.rows_read:
            rejected = encoding.keep_rejected(session, read.rejected_query, read.rules, 0, into=dispositions)
    return UsageRead(opened.staged, opened.rows_read, kept, rejected, layout, number)


def _keep_plain_lines(session: duckdb.DuckDBPyConnection, file: FileToRead, opened: _Opened, into: str) -> int | None:
    """Adds the plain lines of a file to a table; their number, or None where all lines have to go the long way."""
    query = plain_lines.plain_query(file.layout, opened.staged, opened.positions, file.received_at)
    if query is None:
        return None
    blocks = plain_blocks.encoded_blocks(opened.staged, encoding.plain_usage_query(file.layout, query))
    kept, others = encoding.keep_plain_usage(session, blocks, into=into)
    lines.check_all_found(opened.staged, kept + others)
    return kept


def _parse_others(session: duckdb.DuckDBPyConnection, opened: _Opened, others: int, *, has_plain: bool) -> FileRead:
    """The lines that are not plain go the long way: those that the short way has left, or all of the file."""
    if has_plain:
        return opened.parse(session, others, encoding.OTHER_LINES)
    lines.read_lines(session, opened.staged)
    return opened.parse(session, others)


def _check_control_totals(
    session: duckdb.DuckDBPyConnection, layout: Layout, manifest: Manifest | None, plain: str
) -> None:
    """The sums of quantities as the sender states them, over all rows that say one, also over rows to be rejected.

    Summed are the plain rows in the table ``plain`` and the others in `parsed`.
    """
    for name in layout.control_totals:
        remedy = "send file and manifest again, under a new name"
        stated = None if manifest is None else manifest.totals.get(name)
        if stated is None:
            raise FileRefused(f"no control total of {name}", f'a manifest with "totals": {{"{name}": ...}}', remedy)
        entry = next(entry for entry in layout.fields if entry.id == name)
        units = ("quantity_units", "quantity_2_units", "quantity_3_units")[layout.quantities.index(name)]
        summed = first_value(
            session.execute(
                f"""select coalesce(sum(units), 0)::hugeint::varchar
                from (select {typed(entry)} as units from parsed union all select {units} from {plain})"""
            )
        )
        total = Decimal(summed).scaleb(-entry.scale)
        if total != Decimal(stated):
            raise FileRefused(f"{name} of {total:f} in all rows", f"{stated} as in the manifest", remedy)


class ReadAhead:
    """Usage files on their way: submitted in the order in which they will be taken."""

    def __init__(self, session: duckdb.DuckDBPyConnection, executor: ThreadPoolExecutor) -> None:
        self._executor = executor
        # A cursor is a connection of its own: its temporary tables `lines` and `parsed` are seen by one thread only.
        self._cursors: SimpleQueue[duckdb.DuckDBPyConnection] = SimpleQueue()
        for _ in range(FILES_AT_ONCE):
            self._cursors.put(lines.another_session(session))
        self._submitted: dict[str, Future[UsageRead]] = {}

    def submit(self, file: FileToRead) -> None:
        """Begins to read a file as soon as a thread is free."""
        number = len(self._submitted) + 1
        future = self._executor.submit(self._read, file, number)
        self._submitted[file.file_name] = future

    def has(self, file_name: str) -> bool:
        """Whether the file was submitted."""
        return file_name in self._submitted

    def read(self, file_name: str) -> UsageRead:
        """Waits for a file; raises what went wrong with it."""
        return self._submitted[file_name].result()

    def _read(self, file: FileToRead, number: int) -> UsageRead:
        cursor = self._cursors.get()
        try:
            return read_usage(cursor, file, number)
        finally:
            self._cursors.put(cursor)


@contextmanager
def reading_ahead(session: duckdb.DuckDBPyConnection) -> Iterator[ReadAhead]:
    """A ReadAhead whose threads end with the block; after an error no further file is begun."""
    executor = ThreadPoolExecutor(FILES_AT_ONCE, thread_name_prefix="reading")
    try:
        yield ReadAhead(session, executor)
    finally:
        executor.shutdown(cancel_futures=True)
