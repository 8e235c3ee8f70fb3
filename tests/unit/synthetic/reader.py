"""A plain reader of the generated files, row by row, with its own idea of the grammar: slow, and unlike ingestion.

Belongs here: judging rows of the example book's feeds by the book's specifications.
Belongs elsewhere: the real reader (``assets.ingestion``), which the generator is measured against in integration tests.
"""

import gzip
import json
import re
import unicodedata
from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path

from assets.catalog.check import check_book
from assets.synthetic.months import sent_at

BOOK = Path(__file__).parents[3] / "examples" / "book"
RECEIVED_AT = sent_at("2026-10")
DECIMAL = re.compile(r"-?[0-9]{1,12}(\.[0-9]{1,6})?", re.ASCII)
TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d", re.ASCII)
OFFSET = re.compile(r"(Z|[+-]\d\d:\d\d)", re.ASCII)
PHONE = re.compile(r"\+?[1-9][0-9]{1,14}", re.ASCII)


@dataclass
class Judged:
    """What became of the rows of one feed."""

    read: int = 0
    rejected: Counter = field(default_factory=Counter)
    contents: dict[tuple[str, ...], list[tuple]] = field(default_factory=dict)  # event id -> content of each row

    @property
    def duplicate(self) -> int:
        return sum(len(rows) - 1 for rows in self.contents.values() if len(set(rows)) == 1)

    @property
    def conflict(self) -> int:
        return sum(len(rows) for rows in self.contents.values() if len(set(rows)) > 1)

    @property
    def accepted_rows(self) -> list[dict[str, str]]:
        return [dict(rows[0]) for rows in self.contents.values() if len(set(rows)) == 1]


def specifications() -> dict:
    """Usage specifications of the example book by code."""
    checked = check_book(BOOK)
    assert checked.report() == ""
    return {code: placed.value for code, placed in checked.book.usage_specifications.items()}


def text_of(path: Path) -> str:
    content = path.read_bytes()
    return (gzip.decompress(content) if path.suffix == ".gz" else content).decode("utf-8")


def judge(specification, paths: list[Path]) -> Judged:
    """Read whole files of one feed."""
    judged = Judged()
    for path in paths:
        lines = text_of(path).removesuffix("\n").split("\n")
        if specification.file.format == "csv":
            names = lines.pop(0).split(specification.file.delimiter)
            assert names == [entry.column for entry in specification.characteristics], path.name
        for line in lines:
            judged.read += 1
            row, reason = _split(specification, line)
            reason = reason or _fault(specification, row)
            if reason:
                judged.rejected[reason] += 1
                continue
            columns = {entry.id: entry.column for entry in specification.characteristics}
            event_id = tuple(row[columns[part]] for part in specification.event_id)
            judged.contents.setdefault(event_id, []).append(tuple(row.items()))
    return judged


def _split(specification, line: str) -> tuple[dict[str, str], str | None]:
    if not line:
        return {}, "blank_line"
    if specification.file.format == "jsonl":
        try:
            pairs = json.loads(line, object_pairs_hook=list)
        except ValueError:
            return {}, "bad_json"
        return dict(pairs), "bad_json" if len({name for name, _ in pairs}) < len(pairs) else None
    if '"' in line:
        return {}, "bad_quoting"
    fields = line.split(specification.file.delimiter)
    columns = [entry.column for entry in specification.characteristics]
    if len(fields) != len(columns):
        return {}, "wrong_field_count"
    return dict(zip(columns, fields, strict=True)), None


def _fault(specification, row: dict[str, str]) -> str | None:
    for entry in specification.characteristics:
        reason = _field_fault(entry, row[entry.column])
        if reason:
            return reason
    columns = {entry.id: entry.column for entry in specification.characteristics}
    at = datetime.fromisoformat(row[columns[specification.event_time]])
    if at > RECEIVED_AT + timedelta(minutes=5):
        return "after_receipt"
    if at < RECEIVED_AT - timedelta(days=specification.age_limit_days):
        return "older_than_age_limit"
    return None


def _field_fault(entry, text: str) -> str | None:
    if text == "":
        return "missing_value"
    if entry.type == "quantity":
        return _quantity_fault(entry, text)
    if entry.type == "timestamp":
        return _time_fault(text)
    if entry.type == "phone_number":
        return None if PHONE.fullmatch(text) else "bad_phone_number"
    if entry.type == "code":
        return None if entry.allowed is None or text in entry.allowed else "unknown_code"
    if len(text) > entry.max_length:
        return "too_long"
    return "control_character" if any(unicodedata.category(letter) in ("Cc", "Cf") for letter in text) else None


def _quantity_fault(entry, text: str) -> str | None:
    if not DECIMAL.fullmatch(text):
        return "bad_decimal"
    if Decimal(text) < entry.minimum:
        return "below_minimum"
    return "above_maximum" if Decimal(text) > entry.maximum else None


def _time_fault(text: str) -> str | None:
    shape = TIME.match(text)
    if not shape:
        return "bad_timestamp"
    if shape.end() == len(text):
        return "missing_offset"
    try:
        datetime.fromisoformat(text)
    except ValueError:
        return "bad_timestamp"
    return None if OFFSET.fullmatch(text[shape.end() :]) else "bad_timestamp"
