"""Staged lines in blocks through DataFusion: from bytes of a file to encoded columns, without a copy of a line.

Belongs here: lines as Arrow arrays over the bytes that were read, DataFusion's session, its result as DuckDB takes it.
Belongs elsewhere: the SQL that is run (``plain_lines``, ``encoding``).

DuckDB would need twice as long for a plain line: DataFusion's SHA-256 uses the processor's instructions for it, and
gives bytes, not hexadecimal digits that have to be read again.
"""

import os
from collections.abc import Iterator
from dataclasses import dataclass
from mmap import ACCESS_READ, mmap

import numpy as np
import pyarrow as pa
from datafusion import SessionConfig, SessionContext
from pyarrow import compute

from assets.ingestion.staging import StagedFile

# So much of a file is in memory at once, beside the columns that are made of it.
_BLOCK_BYTES = 16 << 20
# A processor's cache holds what is made of so many lines.
_LINES_PER_BATCH = 8_192
_PARTS = min(4, os.cpu_count() or 1)
_LINES = pa.schema([("line_number", pa.int32()), ("line", pa.string())])
_LINE_BREAK = ord("\n")
_HASHES = ("event_key", "content_hash")
_HASH_BYTES, _KEY_BYTES = 32, 16


@dataclass(frozen=True)
class EncodedBlock:
    """What became of some lines: the columns of those that are plain, and the others (line_number, line)."""

    plain: pa.Table
    other_lines: pa.Table


def encoded_blocks(staged: StagedFile, query: str) -> Iterator[EncodedBlock]:
    """The lines of a file, by a query over the table `lines(line_number, line)`, in blocks of many.

    A line begins with the line break in front of it (the first of the file without) and has no other. The query gives
    each line back and says whether it `is_plain`; `event_key` and `content_hash` are SHA-256, of which the first 128
    bits come back as UUID. Lines of a block come in any order.
    """
    settings = {"datafusion.sql_parser.map_string_types_to_utf8view": "false"}  # as lines are, so nothing is converted
    config = SessionConfig(settings).with_target_partitions(_PARTS).with_batch_size(_LINES_PER_BATCH)
    session = SessionContext(config)
    for block in _blocks(staged):
        yield _encoded(session, block, query)


def _encoded(session: SessionContext, block: pa.RecordBatch, query: str) -> EncodedBlock:
    pieces = [block.slice(first, _LINES_PER_BATCH) for first in range(0, len(block), _LINES_PER_BATCH)]
    # Each part is looked at by a thread of its own.
    session.register_record_batches("lines", [pieces[part::_PARTS] for part in range(_PARTS)])
    batches = session.sql(query).collect()
    session.deregister_table("lines")
    return EncodedBlock(
        pa.Table.from_batches([_with_keys(_only_plain(batch)) for batch in batches]),
        pa.Table.from_batches([_others(batch) for batch in batches]),
    )


def _only_plain(batch: pa.RecordBatch) -> pa.RecordBatch:
    is_plain = batch.column("is_plain")
    plain = batch if is_plain.true_count == len(batch) else batch.filter(is_plain)
    return plain.drop_columns(["is_plain", "line"])


def _others(batch: pa.RecordBatch) -> pa.RecordBatch:
    return batch.select(["line_number", "line"]).filter(compute.invert(batch.column("is_plain")))


def _blocks(staged: StagedFile) -> Iterator[pa.RecordBatch]:
    """All lines of the file, over the bytes of the file itself. A line break begins the line behind it."""
    if staged.line_count == 0:
        return
    with staged.path.open("rb") as reader:
        mapped = mmap(reader.fileno(), 0, access=ACCESS_READ)  # never closed: the lines look into it
    # A mark stands behind the last line break too, where no line follows.
    size = len(mapped) - (len(staged.mark) + 1 if staged.ends_with_line_break else 0)
    number, begin = 1, 0
    while begin < size:
        end = size
        if begin + _BLOCK_BYTES < size:
            end = mapped.rfind(b"\n", begin + 1, begin + _BLOCK_BYTES)
            end = end if end > begin else mapped.find(b"\n", begin + 1, size)
            end = end if end > begin else size
        breaks = np.flatnonzero(np.frombuffer(mapped, np.uint8, end - begin - 1, begin + 1) == _LINE_BREAK) + 1
        starts = np.concatenate(([0], breaks, [end - begin]), dtype=np.int32, casting="same_kind")
        yield _lines(number, starts, pa.py_buffer(mapped).slice(begin, end - begin))
        number, begin = number + len(starts) - 1, end


def _lines(first_number: int, starts: np.ndarray, data: pa.Buffer) -> pa.RecordBatch:
    """Lines from each of ``starts`` to the next one; the last is the end."""
    count = len(starts) - 1
    numbers = np.arange(first_number, first_number + count, dtype=np.int32)
    columns = [
        pa.Array.from_buffers(pa.int32(), count, [None, pa.py_buffer(numbers)]),
        pa.Array.from_buffers(pa.string(), count, [None, pa.py_buffer(starts), data]),
    ]
    return pa.RecordBatch.from_arrays(columns, schema=_LINES)


def _with_keys(batch: pa.RecordBatch) -> pa.RecordBatch:
    columns = [
        _key(column) if name in _HASHES else column
        for name, column in zip(batch.schema.names, batch.columns, strict=True)
    ]
    return pa.RecordBatch.from_arrays(columns, names=batch.schema.names)


def _key(hashes: pa.FixedSizeBinaryArray) -> pa.Array:
    """The first 128 bits of each hash."""
    every = np.frombuffer(hashes.buffers()[1], dtype=np.uint8)[hashes.offset * _HASH_BYTES :]
    keys = every[: len(hashes) * _HASH_BYTES].reshape(-1, _HASH_BYTES)[:, :_KEY_BYTES].tobytes()
    storage = pa.Array.from_buffers(pa.binary(_KEY_BYTES), len(hashes), [None, pa.py_buffer(keys)])
    return pa.ExtensionArray.from_storage(pa.uuid(), storage)
