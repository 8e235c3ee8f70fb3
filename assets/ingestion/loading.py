"""Bulk roads between DuckDB and PostgreSQL inside the caller's transaction.

Belongs here: binary COPY of usage rows, csv COPY of everything else in both directions, leaf tables.
Belongs elsewhere: which rows (``encoding``, ``dispositions``, ``populations``).

Measured for a million usage rows on two cores: binary COPY built with numpy 1.0 s, csv COPY 2.1 s, DuckDB's postgres
extension 0.7 s. The extension has a connection of its own, so it cannot take part in the caller's transaction; a
crash could leave its rows without their file. Binary COPY it is.
"""
# ruff: noqa: S608 - SQL is put together from this package's names and literals; nothing of a file gets into it.

from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from functools import lru_cache
from pathlib import Path

import duckdb
import numpy as np
import psycopg
import pyarrow as pa
from psycopg import sql

from assets.ingestion.grammars import literal

# Rows that are put in order together (twice as many take twice the time for each, as their values leave a processor's
# cache), and rows that are written at a time.
ROWS_IN_ORDER = 1 << 17
ROWS_PER_PIECE = 8_192
_BINARY_HEADER = b"PGCOPY\n\xff\r\n\0" + bytes(8)
_BINARY_END = b"\xff\xff"
# PostgreSQL counts microseconds from 2000-01-01 UTC.
_EPOCH_2000_MICROSECONDS = 946_684_800_000_000
_USAGE_COLUMNS = (
    ("batch_id", ">i4"),
    ("file_id", ">i4"),
    ("line_number", ">i4"),
    ("usage_specification_id", ">i4"),
    ("event_key", "V16"),
    ("content_hash", "V16"),
    ("event_us", ">i8"),
    ("identifier_id", ">i4"),
    ("characteristic_set_id", ">i4"),
    ("quantity_units", ">i8"),
)
_OPTIONAL_COLUMNS = ("quantity_2_units", "quantity_3_units")
_COLUMNS = (*_USAGE_COLUMNS, *((column, ">i8") for column in _OPTIONAL_COLUMNS))
_COUNTED_COLUMNS = (
    *("batch_id", "file_id", "line_number", "usage_specification_id", "event_key", "event_at", "identifier_id"),
    "characteristic_set_id",
)


def create_leaf(connection: psycopg.Connection, batch_id: int) -> None:
    """Creates the batch's leaf of inbox.usage_rows, empty.

    It is made in the caller's transaction, so with wal_level=minimal its rows skip the log, and a crash leaves
    neither table nor rows. The commit waits until they are on the disk: the writing is begun early.
    """
    connection.execute("set local backend_flush_after = '1MB'")
    connection.execute(
        sql.SQL(
            "create table {leaf} (like inbox.usage_rows including defaults including storage,"
            " check (batch_id = {batch_id}))"
        ).format(leaf=leaf_table(batch_id), batch_id=sql.Literal(batch_id))
    )


def copy_usage_rows(
    session: duckdb.DuckDBPyConnection, connection: psycopg.Connection, query: str, batch_id: int
) -> None:
    """Adds the rows of a DuckDB query to the batch's leaf, in runs of many rows by identifier and instant.

    Whoever sorts or groups by these finds long runs in order: rating a million rows takes 0.7 s less, ordering them
    here 0.03 s.

    Frozen: nobody sees the table before the commit, and the first to read it need not mark each row as committed,
    which with data checksums would write every page to the log (0.4 s per million rows, in whatever model comes first).
    """
    copy = sql.SQL("copy {} from stdin (format binary, freeze)").format(leaf_table(batch_id))
    chunks = session.execute(query).to_arrow_reader(ROWS_IN_ORDER)
    pieces = (piece for chunk in chunks for piece in binary_rows(chunk))
    # While PostgreSQL takes one piece, the next one is being made.
    with ThreadPoolExecutor(1, "pieces") as beside, connection.cursor() as cursor, cursor.copy(copy) as writer:
        writer.write(_BINARY_HEADER)
        coming = beside.submit(next, pieces, None)
        while (piece := coming.result()) is not None:
            coming = beside.submit(next, pieces, None)
            writer.write(memoryview(piece))  # a view, as psycopg cuts it up
        writer.write(_BINARY_END)


def analyze_leaf(connection: psycopg.Connection, batch_id: int) -> None:
    """Counts values of the batch's filled leaf for the planner, in the columns that queries join and choose by."""
    columns = sql.SQL(", ").join(map(sql.Identifier, _COUNTED_COLUMNS))
    # Of 15,000 rows instead of 30,000: half the time, and the planner asks how many rows there are more than which.
    connection.execute("set local default_statistics_target = 50")
    connection.execute(sql.SQL("analyze {} ({})").format(leaf_table(batch_id), columns))
    connection.execute("set local default_statistics_target to default")


def index_leaf(connection: psycopg.Connection, batch_id: int) -> None:
    """Gives the leaf the parent's index, so attaching takes it over instead of building it under the parent's lock."""
    # Nobody adds to the leaf and nearly all keys differ: full pages, and no look for equal neighbours (a quarter).
    options = "with (fillfactor = 100, deduplicate_items = off)"
    connection.execute(sql.SQL(f"create index on {{}} (event_key) {options}").format(leaf_table(batch_id)))


def attach_usage_rows(connection: psycopg.Connection, batch_id: int) -> None:
    """Makes the batch's leaf part of inbox.usage_rows."""
    connection.execute(
        sql.SQL("alter table inbox.usage_rows attach partition {} for values in ({})").format(
            leaf_table(batch_id), sql.Literal(batch_id)
        )
    )


def leaf_table(batch_id: int) -> sql.Identifier:
    """Name of the batch's leaf table."""
    return sql.Identifier("inbox", f"usage_rows_b{batch_id}")


def binary_rows(chunk: pa.RecordBatch) -> Iterator[bytes]:
    """Rows of the usage query in PostgreSQL's binary COPY format, ordered by identifier and instant.

    Rows of one pattern of absent slots come together: they have the same byte layout, so that each column is written
    for all of them at once.
    """
    # Buffers instead of Arrow's functions: numpy looks at the same memory, nothing is copied.
    absent = [_is_absent(chunk.column(column)) for column in _OPTIONAL_COLUMNS]
    pattern = absent[0] * 2 + absent[1]
    values = {column: _column_values(chunk, column, kind) for column, kind in _COLUMNS}
    order = _order(pattern, values["identifier_id"], values["event_us"])
    # Column by column: a processor's cache holds one column of so many rows, but not all of them.
    values = {column: _in_order(of_all, order) for column, of_all in values.items()}
    first = 0
    for code, count in enumerate(np.bincount(pattern)):
        present = tuple(column for column, bit in zip(_OPTIONAL_COLUMNS, (2, 1), strict=True) if not code & bit)
        for start in range(first, first + count, ROWS_PER_PIECE):
            yield _fixed_rows(values, slice(start, min(start + ROWS_PER_PIECE, first + count)), present)
        first += count


def _in_order(values: np.ndarray, order: np.ndarray) -> np.ndarray:
    if values.dtype.kind != "V" and values[0] == values[-1] and (values == values[0]).all():
        return np.broadcast_to(values[:1], values.shape)
    return values[order]


def _order(pattern: np.ndarray, identifier_id: np.ndarray, event_us: np.ndarray) -> np.ndarray:
    """Row numbers by pattern, identifier, instant; as exact about the instant as one whole number allows.

    All of it and the row's number in one number: sorting plain numbers takes a tenth of sorting by several columns.
    """
    rows = len(pattern)
    identifiers = identifier_id.astype(np.int64)
    identifiers -= identifiers.min()
    instants = event_us - event_us.min()
    number_bits, identifier_bits = (rows - 1).bit_length(), int(identifiers.max()).bit_length()
    instant_bits = 61 - number_bits - identifier_bits
    instants >>= max(0, int(instants.max()).bit_length() - instant_bits)
    keys = pattern.astype(np.int64)
    for part, bits in ((identifiers, identifier_bits), (instants, instant_bits), (np.arange(rows), number_bits)):
        keys <<= bits
        keys |= part
    keys.sort()
    return keys & ((1 << number_bits) - 1)


def _is_absent(column: pa.Array) -> np.ndarray:
    """1 where the column has no value, else 0."""
    if not column.null_count:
        return np.zeros(len(column), dtype=np.uint8)
    valid = np.unpackbits(np.frombuffer(column.buffers()[0], dtype=np.uint8), bitorder="little")
    return 1 - valid[column.offset : column.offset + len(column)]


def _fixed_rows(values: Mapping[str, np.ndarray], rows: slice, present: tuple[str, ...]) -> bytes:
    # The frames are written over again and again: counts and lengths stand there already.
    out = _frames(present)[: rows.stop - rows.start]
    for column, of_all in values.items():
        if column not in _OPTIONAL_COLUMNS or column in present:
            out[column] = of_all[rows]
    out["event_us"] -= _EPOCH_2000_MICROSECONDS
    return out.tobytes()


@lru_cache(maxsize=1 << len(_OPTIONAL_COLUMNS))
def _frames(present: tuple[str, ...], count: int = ROWS_PER_PIECE) -> np.ndarray:
    """Rows of binary COPY with everything but the values."""
    layout = [("fields", ">i2")]
    for column, kind in _COLUMNS:
        layout.append((f"{column} length", ">i4"))
        if column not in _OPTIONAL_COLUMNS or column in present:
            layout.append((column, kind))
    out = np.zeros(count, dtype=layout)
    out["fields"] = len(_COLUMNS)
    for column, kind in _COLUMNS:
        has_value = column not in _OPTIONAL_COLUMNS or column in present
        out[f"{column} length"] = np.dtype(kind).itemsize if has_value else -1
    return out


def _column_values(chunk: pa.RecordBatch, name: str, kind: str) -> np.ndarray:
    column = chunk.column(name)
    if column.null_count and name not in _OPTIONAL_COLUMNS:
        raise ValueError("a usage row without a value that every row has")
    storage = column.storage if isinstance(column, pa.ExtensionArray) else column
    stored = kind if kind == "V16" else kind.replace(">", "<")
    return np.frombuffer(storage.buffers()[1], dtype=stored)[storage.offset : storage.offset + len(storage)]


def send_relation(
    session: duckdb.DuckDBPyConnection,
    connection: psycopg.Connection,
    scratch: Path,
    query: str,
    table: str,
    columns: str = "",
) -> None:
    """Copies the result of a DuckDB query into a PostgreSQL table (``table`` and ``columns``: SQL of this package)."""
    path = scratch / "outgoing.csv"
    session.execute(f"copy ({query}) to {literal(str(path))} (format csv, header false, nullstr '')")
    with (
        path.open("rb") as reader,
        connection.cursor() as cursor,
        cursor.copy(f"copy {table} {columns} from stdin (format csv)".encode()) as writer,
    ):
        while chunk := reader.read(1 << 20):
            writer.write(chunk)
    path.unlink()


def fetch_relation(
    session: duckdb.DuckDBPyConnection,
    connection: psycopg.Connection,
    scratch: Path,
    query: str,
    table: str,
    columns: dict[str, str],
) -> None:
    """Copies the result of a PostgreSQL query into a new DuckDB table with these columns and types."""
    path = scratch / "incoming.csv"
    with (
        path.open("wb") as writer,
        connection.cursor() as cursor,
        cursor.copy(f"copy ({query}) to stdout (format csv)".encode()) as reader,
    ):
        for chunk in reader:
            writer.write(chunk)
    types = ", ".join(f"{literal(column)}: {literal(kind)}" for column, kind in columns.items())
    session.execute(
        f"""create or replace table {table} as select * from read_csv({literal(str(path))}, auto_detect = false,
            header = false, delim = ',', quote = '"', escape = '"', nullstr = '', allow_quoted_nulls = false,
            columns = {{{types}}}, max_line_size = 8388608)"""
    )
    path.unlink()
