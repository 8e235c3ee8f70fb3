"""Binary COPY: every row as PostgreSQL expects it, whichever of its optional quantities it has."""

import struct
import uuid
from collections.abc import Iterable
from typing import Any

import pyarrow as pa
import pytest

from assets.ingestion import loading

_COLUMNS = (*loading._USAGE_COLUMNS, *((column, ">i8") for column in loading._OPTIONAL_COLUMNS))


def _chunk(rows: list[dict]) -> pa.RecordBatch:
    kinds = {">i4": pa.int32(), ">i8": pa.int64(), "V16": pa.binary(16)}
    return pa.RecordBatch.from_pylist(rows, schema=pa.schema([(name, kinds[kind]) for name, kind in _COLUMNS]))


def _row(number: int, **values) -> dict:
    fixed = {name: number * 1000 + place for place, (name, kind) in enumerate(_COLUMNS) if kind != "V16"}
    keys = {name: uuid.UUID(int=number << 64 | 7).bytes for name in ("event_key", "content_hash")}
    return {**fixed, **keys, **values}


def _read_back(pieces: Iterable[bytes]) -> list[dict]:
    data, place = b"".join(pieces), 0
    rows: list[dict] = []
    while place < len(data):
        assert struct.unpack_from(">h", data, place) == (len(_COLUMNS),)
        place += 2
        row: dict[str, Any] = {}
        for name, kind in _COLUMNS:
            (length,) = struct.unpack_from(">i", data, place)
            place += 4
            row[name] = None
            if length >= 0:
                value = data[place : place + length]
                assert length == {">i4": 4, ">i8": 8, "V16": 16}[kind]
                row[name] = value if kind == "V16" else int.from_bytes(value, "big", signed=True)
                place += length
        row["event_us"] += loading._EPOCH_2000_MICROSECONDS
        rows.append(row)
    return rows


def test_rows_with_and_without_their_optional_quantities_are_written_exactly():
    rows = [
        _row(1),
        _row(2, quantity_2_units=None),
        _row(3, quantity_2_units=None, quantity_3_units=None, quantity_units=-(2**62)),
        _row(4, quantity_3_units=None),
        _row(5, quantity_units=2**63 - 1),
    ]
    chunk = _chunk(rows * 3)
    written = _read_back(loading.binary_rows(chunk))
    assert sorted(written, key=str) == sorted(rows * 3, key=str)
    # A slice has its values and the bits of absence behind an offset.
    assert sorted(_read_back(loading.binary_rows(chunk.slice(3, 9))), key=str) == sorted((rows * 3)[3:12], key=str)
    # Frames are used again, so nothing of rows written before may stay in them.
    assert _read_back(loading.binary_rows(_chunk(rows[1:2]))) == rows[1:2]


def test_rows_come_by_identifier_and_instant_whatever_their_order_was():
    rows = [_row(n, identifier_id=n * 7 % 5, event_us=n * 13 % 11, line_number=n) for n in range(1, 60)]
    written = _read_back(loading.binary_rows(_chunk(rows)))
    places = [(row["identifier_id"], row["event_us"], row["line_number"]) for row in written]
    assert places == sorted((row["identifier_id"], row["event_us"], row["line_number"]) for row in rows)
    # Those of one layout stay together, and a batch of more than one piece is in order as a whole.
    many = [_row(n, identifier_id=-n % 97, event_us=n % 50, line_number=n) for n in range(loading.ROWS_PER_PIECE + 100)]
    for row in many[::3]:
        row["quantity_3_units"] = None
    found = _read_back(loading.binary_rows(_chunk(many)))
    keys = [
        (row["quantity_3_units"] is None, row["identifier_id"], row["event_us"], row["line_number"]) for row in found
    ]
    assert keys == sorted(keys)
    assert len(found) == len(many)


def test_rows_whose_instants_and_identifiers_lie_far_apart_are_all_written():
    instants = (-(2**61), -1, 0, 2**61)
    rows = [_row(n, identifier_id=2**31 - 1 - n % 2 * 2**31, event_us=instants[n % 4]) for n in range(40)]
    written = _read_back(loading.binary_rows(_chunk(rows)))
    assert sorted(written, key=str) == sorted(rows, key=str)
    assert [row["identifier_id"] for row in written] == sorted(row["identifier_id"] for row in rows)


def test_an_absent_value_that_every_row_has_is_a_fault_of_this_program():
    with pytest.raises(ValueError, match="every row"):
        list(loading.binary_rows(_chunk([_row(1, quantity_units=None)])))
