"""Usage rows on their way from files that were read into the batch's leaf, in groups of files.

Belongs here: when rows are sent to PostgreSQL, what happens there beside DuckDB's work.
Belongs elsewhere: reading (``reading``), numbers for texts (``encoding``), bytes on the wire (``loading``), duplicates
and conflicts (``dispositions``).

A group is sent while later files are still being read, so that PostgreSQL and DuckDB work side by side. Of the rows
that were sent DuckDB keeps what tells duplicates and conflicts (the view `usage`): a large file's table stays and only
loses its other columns, the rows of small files are put together.
"""
# ruff: noqa: S608 - SQL is put together from this package's names and literals; nothing of a file gets into it.

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

import duckdb
import psycopg

from assets.ingestion import dispositions, encoding, lines, loading
from assets.ingestion.grammars import literal
from assets.ingestion.reading import UsageRead

# A group ends with the file that makes it full. Each group asks PostgreSQL for numbers once (about 20 ms).
ROWS_PER_GROUP = 200_000
FILES_PER_GROUP = 100
# A file of fewer rows is not worth a table of its own once they are sent: the view `usage` would grow too long.
ROWS_OF_A_LARGE_FILE = 20_000


class UsageLoad:
    """The leaf of one batch while it fills. Everything happens in the connection's transaction."""

    def __init__(
        self, session: duckdb.DuckDBPyConnection, connection: psycopg.Connection, scratch: Path, batch_id: int
    ) -> None:
        self._session, self._connection, self._scratch, self._batch_id = session, connection, scratch, batch_id
        self._taken: list[tuple[UsageRead, int, int]] = []
        self._large_files: list[tuple[int, int]] = []  # number of the table, number of the file
        loading.create_leaf(connection, batch_id)

    def take(self, read: UsageRead, file_id: int, usage_specification_id: int) -> None:
        """A file's rows, under its number; sent at once when they make a group full."""
        if read.rows_rejected:
            self._session.execute(
                f"insert into dispositions select * replace ({file_id} as file_id) from dispositions_{read.number}"
            )
        self._taken.append((read, file_id, usage_specification_id))
        rows = sum(read.rows_kept for read, _, _ in self._taken)
        if rows >= ROWS_PER_GROUP or len(self._taken) >= FILES_PER_GROUP:
            self._send()
            self._keep_what_decides()

    @contextmanager
    def completing(self, considered_from: datetime) -> Iterator[None]:
        """Sends the rest. Within the block it is known which keys are repeated, in this batch or in older ones.

        At its end the leaf is counted and indexed; PostgreSQL does little else meanwhile.
        """
        taken = [(read.number, file_id) for read, file_id, _ in self._taken]
        encoding.show_usage(self._session, self._large_files + taken)
        with ThreadPoolExecutor(2, thread_name_prefix="completing") as beside:
            repeated = beside.submit(dispositions.find_repeated, lines.another_session(self._session))
            if self._taken:
                self._send()
            older = dispositions.older_batches(self._connection, self._batch_id, considered_from)
            if older:  # the planner has to know how many rows the leaf holds when older ones are looked for
                loading.analyze_leaf(self._connection, self._batch_id)
            dispositions.find_older_rows(self._session, self._connection, self._scratch, self._batch_id, older)
            indexed = beside.submit(self._index, is_analyzed=bool(older))
            repeated.result()
            self._keep_what_decides()
            yield
            indexed.result()

    def _index(self, *, is_analyzed: bool) -> None:
        if not is_analyzed:
            loading.analyze_leaf(self._connection, self._batch_id)
        loading.index_leaf(self._connection, self._batch_id)

    def _send(self) -> None:
        session = self._session
        files = " union all ".join(
            f"""select {file_id} as file_id, {usage_specification_id} as usage_specification_id,
                {literal(read.layout.identifier_kind)} as identifier_kind, * from usage_{read.number}"""
            for read, file_id, usage_specification_id in self._taken
        )
        session.execute(f"create or replace temp view taken as {files}")
        encoding.fill_dictionaries(session, self._connection, self._scratch)
        loading.copy_usage_rows(session, self._connection, encoding.encoded_query(self._batch_id), self._batch_id)
        session.execute("drop view taken")

    def _keep_what_decides(self) -> None:
        """Leaves of the rows that were sent what the view `usage` shows; the rest gives its memory back."""
        for read, file_id, _ in self._taken:
            table = f"usage_{read.number}"
            if read.rows_kept < ROWS_OF_A_LARGE_FILE:
                encoding.keep_with_others(self._session, table, file_id)
                self._session.execute(f"drop table {table}")
            else:
                encoding.drop_sent_columns(self._session, table)
                self._large_files.append((read.number, file_id))
            self._session.execute(f"drop table dispositions_{read.number}")
        encoding.show_usage(self._session, self._large_files)
        self._taken = []
