"""A few lines of a staged file, picked by their numbers without reading the others into DuckDB.

Belongs here: finding lines by counting line breaks, the table `picked`.
Belongs elsewhere: whole files (``lines``), which lines are wanted (``dispositions``).
"""
# ruff: noqa: S608 - SQL is put together from this package's names and literals; nothing of a file gets into it.

from bisect import bisect_left
from collections.abc import Iterator, Mapping
from pathlib import Path

import duckdb

from assets.ingestion.lines import lines_of
from assets.ingestion.staging import FIELD_NEVER, StagedFile

_PIECE_BYTES = 1 << 16


def pick_lines(session: duckdb.DuckDBPyConnection, files: Mapping[int, StagedFile], wanted: str) -> None:
    """Fills the table `picked(file_id, line_number, line)`: lines as `lines` has them, a few of each of these files.

    ``wanted``: the table that says which, by file_id and line_number.

    By a file, so that they are read as all lines are.
    """
    numbers: dict[int, set[int]] = {file_id: set() for file_id in files}
    for file_id, number in session.execute(f"select file_id, line_number from {wanted}").fetchall():
        if file_id in numbers:
            numbers[file_id].add(number)
    path = next(iter(files.values())).path.with_suffix(".picked")
    with path.open("wb") as writer:
        for file_id, staged in files.items():
            for number, line in _numbered(staged.path, numbers[file_id]):
                writer.write(f"{file_id}{FIELD_NEVER}{number}{FIELD_NEVER}".encode() + line + b"\n")
    columns = {"file_id": "INTEGER", "line_number": "BIGINT", "line": "VARCHAR"}
    session.execute(f"create or replace temp table picked as select * from {lines_of(path, columns)}")
    path.unlink()


def _numbered(path: Path, numbers: set[int]) -> Iterator[tuple[int, bytes]]:
    """Some lines of a file with their numbers; in a piece of the file without any, line breaks are counted, no more."""
    wanted = sorted(numbers)
    number, rest = 1, b""  # of the line that the next piece begins or goes on with, and its beginning
    with path.open("rb") as reader:
        while piece := reader.read(_PIECE_BYTES):
            breaks = piece.count(b"\n")
            if bisect_left(wanted, number) < bisect_left(wanted, number + breaks):
                *complete, last = (rest + piece).split(b"\n")
                yield from ((place, line) for place, line in enumerate(complete, number) if place in numbers)
            else:
                last = piece[piece.rfind(b"\n") + 1 :] if breaks else rest + piece
            number, rest = number + breaks, last
    if rest and number in numbers:
        yield number, rest
