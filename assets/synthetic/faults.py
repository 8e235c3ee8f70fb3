"""Plants what a real month brings: duplicates, conflicts, malformed rows, rows out of the window, broken files.

Belongs here: bad rows and bad files, and how many of each. Belongs elsewhere: good rows (``usage``).
Every fault is planted in the files of one delivery; the counts are a function of the rows, not of their order.
"""

import gzip
import hashlib
import json
import shutil
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

from assets.synthetic.feeds import Feed
from assets.synthetic.months import sent_at

MODEL_ROWS = 40  # rows at the head of a feed's first file that planted rows are made from


@dataclass
class Counts:
    """Rows of one feed by what becomes of them; ``read`` is the sum of accepted, duplicate, conflict and rejected."""

    read: int = 0
    accepted: int = 0
    duplicate: int = 0
    conflict: int = 0
    rejected: int = 0
    late: int = 0
    suspended: int = 0
    rejected_by_reason: dict[str, int] = field(default_factory=dict)

    def reject(self, reason: str, count: int = 1) -> None:
        """Count rows that are read and rejected."""
        self.read += count
        self.rejected += count
        self.rejected_by_reason[reason] = self.rejected_by_reason.get(reason, 0) + count


class _Rows:
    """Reads and rewrites single rows of a feed as dicts of text."""

    def __init__(self, feed: Feed) -> None:
        self.feed = feed
        self.names = [name for name, _ in feed.columns]

    def read(self, line: str) -> dict[str, str]:
        if self.feed.file_format == "csv":
            return dict(zip(self.names, line.split(self.feed.delimiter), strict=True))
        return json.loads(line)

    def write(self, row: dict[str, str]) -> str:
        if self.feed.file_format == "csv":
            return self.feed.delimiter.join(row[name] for name in self.names)
        return json.dumps(row, ensure_ascii=False)


def plant(feed: Feed, files: list[Path], month: str, counts: Counts) -> None:
    """Append bad rows to the feed's plain files, the first of which has ``MODEL_ROWS``; updates ``counts``."""
    rows = _Rows(feed)
    with files[0].open(encoding="utf-8") as source:
        if feed.file_format == "csv":
            source.readline()
        models = [source.readline().rstrip("\n") for _ in range(MODEL_ROWS)]
    last, first = files[-1], files[0]
    # Before anything is appended: duplicates of the first rows, in the same file and in another one.
    planted_first, planted_last = models[0:5], models[5:12]
    counts.read += 12
    counts.duplicate += 12
    # The same event with another quantity: both rows are conflicts, and so is a third that equals the first.
    for line in models[12:16]:
        planted_last.append(_other_content(rows, line))
    planted_last += [models[16], _other_content(rows, models[16])]
    counts.read += 6
    counts.conflict += 2 * 4 + 3
    counts.accepted -= 5
    planted_last += _malformed(feed, rows, models[17:30], month, counts)
    unknown = rows.read(models[30])
    unknown[feed.id_column] = f"unknown-{month}"
    unknown[feed.served_column] = "+48509999999999" if unknown[feed.served_column].startswith("+") else "nobody"
    planted_last.append(rows.write(unknown))
    counts.read += 1
    counts.accepted += 1
    counts.suspended += 1
    _append(first, planted_first)
    _append(last, planted_last)


def _other_content(rows: _Rows, line: str) -> str:
    row = rows.read(line)
    row[rows.feed.quantity_column] = "2" if row[rows.feed.quantity_column] == "1" else "1"
    return rows.write(row)


def _malformed(feed: Feed, rows: _Rows, models: list[str], month: str, counts: Counts) -> list[str]:
    """One line per kind of malformed row, each with an id of its own."""
    changes: list[tuple[str, dict[str, str]]] = [
        ("bad_decimal", {feed.quantity_column: "1_000"}),
        ("bad_decimal", {feed.quantity_column: "NaN"}),
        ("bad_decimal", {feed.quantity_column: "12,5" if _may_hold_comma(feed) else "1e3"}),
        ("bad_decimal", {feed.quantity_column: "9" * 40}),
        ("below_minimum", {feed.quantity_column: "-5"}),
        ("above_maximum", {feed.quantity_column: "99999999"}),
        ("missing_offset", {feed.time_column: "2026-10-25T02:30:00"}),
        ("bad_timestamp", {feed.time_column: "2026-13-01T00:00:00Z"}),
        ("older_than_age_limit", {feed.time_column: "2019-05-05T12:00:00Z"}),
        ("after_receipt", {feed.time_column: (sent_at(month) + timedelta(days=54)).strftime("%Y-%m-%dT%H:%M:%SZ")}),
        ("missing_value", {feed.id_column: ""}),
    ]
    if feed.code_column:
        changes.append(("unknown_code", {feed.code_column: "lunar"}))
    if feed.odd_characters:
        changes += [
            ("bad_decimal", {feed.quantity_column: "١٢"}),
            ("control_character", {feed.id_column: "visit-\u202e99"}),
            ("too_long", {feed.id_column: "visit-" + "9" * 60}),
            ("bad_quoting", {feed.id_column: 'visit-"99'}),
        ]
    lines = []
    for number, (reason, change) in enumerate(changes):
        row = rows.read(models[number % len(models)])
        row[feed.id_column] = f"99999999{number:04d}"
        row.update(change)
        lines.append(rows.write(row))
        counts.reject(reason)
    lines += _broken_lines(feed, models, counts)
    return lines


def _may_hold_comma(feed: Feed) -> bool:
    return feed.file_format == "jsonl" or feed.delimiter != ","


def _broken_lines(feed: Feed, models: list[str], counts: Counts) -> list[str]:
    """Lines whose structure is wrong before any field is looked at."""
    if feed.file_format == "csv":
        broken = [
            ("wrong_field_count", models[0] + feed.delimiter + "surplus"),
            ("wrong_field_count", models[1].rsplit(feed.delimiter, 1)[0]),
            ("blank_line", ""),
        ]
    else:
        broken = [
            ("bad_json", f'{{"{feed.id_column}": "broken", '),
            ("bad_json", models[0].replace("{", f'{{"{feed.id_column}": "twice", ', 1)),
            ("blank_line", ""),
        ]
    for reason, _ in broken:
        counts.reject(reason)
    return [line for _, line in broken]


def _append(path: Path, lines: list[str]) -> None:
    with path.open("a", encoding="utf-8") as target:
        target.write("".join(line + "\n" for line in lines))


def write_manifest(path: Path, rows: int, month: str) -> None:
    """``<file>.manifest.json``: rows, content hash, and when it was sent."""
    digest = hashlib.sha256()
    with path.open("rb") as source:
        while chunk := source.read(1 << 20):
            digest.update(chunk)
    manifest = {"rows": rows, "sha256": digest.hexdigest(), "sent_at": sent_at(month).isoformat()}
    path.with_name(path.name + ".manifest.json").write_text(json.dumps(manifest) + "\n", encoding="utf-8")


def write_broken_files(folder: Path, voice_file: Path, month: str) -> dict[str, dict[str, str]]:
    """Files that must not be loaded: name -> state (duplicate, refused, waiting) and reason.

    The row of the file that fails its manifest is a duplicate, so that nothing changes should it ever be loaded.
    """
    again = folder / f"voice_again_{voice_file.name.removeprefix('voice_')}"
    shutil.copyfile(voice_file, again)
    with voice_file.open(encoding="utf-8") as source:
        header, row = source.readline(), source.readline()
        write_manifest(again, rows=1 + sum(1 for _ in source), month=month)
    fewer = folder / "voice_fewer-rows.csv"
    fewer.write_text(header + row, encoding="utf-8")
    write_manifest(fewer, rows=2, month=month)
    packed = gzip.compress(b"session_id,started_at,subscriber,network,volume_mb\n" + b"x," * 4000, mtime=0)
    truncated = folder / "data_truncated.csv.gz"
    truncated.write_bytes(packed[: len(packed) // 2])
    write_manifest(truncated, rows=1, month=month)
    renamed = folder / "sms_new-header.csv"
    renamed.write_text(
        "message_id;sent;sender;recipient;parts\nsms-a;2026-10-01T10:00:00+02:00;+48500000001;+48500000002;1\n",
        encoding="utf-8",
    )
    write_manifest(renamed, rows=1, month=month)
    (folder / "ehealth_empty.csv").write_bytes(b"")
    growing = folder / "voice_still-growing.csv.part"
    growing.write_text("call_id,started_at\ncall-1,2026-10", encoding="utf-8")
    return {
        again.name: {"state": "duplicate", "reason": "content already loaded"},
        fewer.name: {"state": "refused", "reason": "manifest_mismatch"},
        truncated.name: {"state": "refused", "reason": "truncated"},
        renamed.name: {"state": "refused", "reason": "header_mismatch"},
        "ehealth_empty.csv": {"state": "refused", "reason": "empty"},
        growing.name: {"state": "waiting", "reason": "unfinished name"},
    }
