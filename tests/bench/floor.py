"""The floor under the per-event path: COPY the same usage files into PostgreSQL as text, and copy the tables once."""

import gzip
import shutil
import time
from pathlib import Path

import psycopg

CHUNK_BYTES = 1 << 20


def measure(connection: psycopg.Connection, inbox: Path, scratch: Path) -> float:
    """Seconds to COPY every readable usage file and copy what was loaded; unpacking is not counted."""
    scratch.mkdir()
    files = [plain for file in sorted(inbox.iterdir()) if (plain := _plain(file, scratch)) is not None]
    connection.execute("create schema floor")
    connection.commit()
    started = time.monotonic()
    for number, file in enumerate(files):
        # One text column a line: COPY's own work, without anything that a bad row could break.
        connection.execute(f"create table floor.f{number} (line text)")
        with (
            connection.cursor().copy(
                f"copy floor.f{number} from stdin with (format csv, delimiter e'\\x01', quote e'\\x02')"
            ) as copy,
            file.open("rb") as source,
        ):
            while chunk := source.read(CHUNK_BYTES):
                copy.write(chunk)
    connection.commit()
    for number in range(len(files)):
        connection.execute(f"create table floor.c{number} as table floor.f{number}")
    connection.commit()
    seconds = time.monotonic() - started
    connection.execute("drop schema floor cascade")
    connection.commit()
    shutil.rmtree(scratch)
    return seconds


def _plain(file: Path, scratch: Path) -> Path | None:
    """The file unpacked, or None when it is no usage file or cannot be read whole."""
    if not file.name.startswith(USAGE_PREFIXES) or not file.name.endswith((".csv", ".csv.gz", ".jsonl", ".jsonl.gz")):
        return None
    if not file.name.endswith(".gz"):
        return file
    target = scratch / file.name.removesuffix(".gz")
    try:
        with gzip.open(file, "rb") as packed, target.open("wb") as plain:
            shutil.copyfileobj(packed, plain)
    except (EOFError, OSError):
        return None
    return target


USAGE_PREFIXES = ("voice_", "sms_", "data_", "iot_", "video_", "cloud_", "ehealth_", "care_")
