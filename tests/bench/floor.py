"""The floor under the per-event path: COPY the same usage files into PostgreSQL as text, and copy the tables once."""

import gzip
import shutil
import statistics
import time
from pathlib import Path

import psycopg

CHUNK_BYTES = 1 << 20
ROUNDS = 3


def measure(connection: psycopg.Connection, inbox: Path, scratch: Path) -> float:
    """Seconds to COPY each usage file and copy what was loaded: the median of three, without unpacking."""
    scratch.mkdir()
    files = [plain for file in sorted(inbox.iterdir()) if (plain := _plain(file, scratch)) is not None]
    seconds = statistics.median(_copy_once(connection, files) for _ in range(ROUNDS))
    shutil.rmtree(scratch)
    return seconds


def _copy_once(connection: psycopg.Connection, files: list[Path]) -> float:
    connection.execute("create schema floor")
    connection.commit()
    started = time.monotonic()
    for number, file in enumerate(files):
        with file.open("rb") as source:
            copy_options, columns = _shape(file)
            connection.execute(f"create table floor.f{number} ({columns})")
            with connection.cursor().copy(f"copy floor.f{number} from stdin with ({copy_options})") as copy:
                while chunk := source.read(CHUNK_BYTES):
                    copy.write(chunk)
    connection.commit()
    for number in range(len(files)):
        connection.execute(f"create table floor.c{number} as table floor.f{number}")
    connection.commit()
    seconds = time.monotonic() - started
    connection.execute("drop schema floor cascade")
    connection.commit()
    return seconds


def _shape(file: Path) -> tuple[str, str]:
    """COPY's options and the table's columns: CSV by its header, all text; JSON lines as one column."""
    if file.suffix == ".jsonl":
        return "format csv, delimiter e'\\x01', quote e'\\x02'", "line text"
    with file.open(encoding="utf-8") as source:
        header = source.readline().rstrip("\n")
    delimiter = ";" if ";" in header else ","
    return f"format csv, header, delimiter '{delimiter}'", ", ".join(f"{name} text" for name in header.split(delimiter))


def _plain(file: Path, scratch: Path) -> Path | None:
    """The file unpacked, without rows of another width (COPY stops at one), or None when it is no whole usage file."""
    if not file.name.startswith(USAGE_PREFIXES) or not file.name.endswith((".csv", ".csv.gz", ".jsonl", ".jsonl.gz")):
        return None
    target = scratch / file.name.removesuffix(".gz")
    try:
        with (gzip.open if file.suffix == ".gz" else Path.open)(file, "rb") as source, target.open("wb") as plain:
            header = source.readline()
            delimiter = b";" if b";" in header else b","
            width = header.count(delimiter)
            plain.write(header)
            plain.writelines(
                line for line in source if target.suffix == ".jsonl" or _is_plain_row(line, delimiter, width)
            )
    except (EOFError, OSError):
        return None
    return target if header else None


def _is_plain_row(line: bytes, delimiter: bytes, width: int) -> bool:
    return line.count(delimiter) == width and line != b"\n" and b'"' not in line


USAGE_PREFIXES = ("voice_", "sms_", "data_", "iot_", "video_", "cloud_", "ehealth_")
