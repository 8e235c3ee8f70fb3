"""Plants what a real month brings: duplicates, conflicts, malformed rows, rows out of the window, broken files.

Belongs here: bad rows and bad files, and how many of each. Belongs elsewhere: good rows (``usage``).
Every fault is planted in the files of one delivery; the counts are a function of the rows, not of their order.
"""

import gzip
import hashlib
import json
from dataclasses import dataclass, field
from pathlib import Path

from assets.synthetic.feeds import Feed

SENT_AT = "2026-11-01T02:00:00+00:00"


@dataclass
class Counts:
    """Rows of one feed by what becomes of them; ``read`` is the sum of the four that follow it."""

    read: int = 0
    accepted: int = 0
    duplicate: int = 0
    conflict: int = 0
    rejected: int = 0
    late: int = 0
    suspended: int = 0
    rejected_by_reason: dict[str, int] = field(default_factory=dict)

    def reject(self, reason: str, count: int = 1) -> None:
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


def plant(feed: Feed, files: list[Path], counts: Counts) -> None:
    """Append bad rows to the feed's plain files; updates ``counts``. The first file's first rows serve as models."""
    rows = _Rows(feed)
    with files[0].open(encoding="utf-8") as source:
        if feed.file_format == "csv":
            source.readline()
        models = [source.readline().rstrip("\n") for _ in range(40)]
    models = [line for line in models if line]
    last, first = files[-1], files[0]
    _append(first, models[0:5])  # duplicates in the same file
    _append(last, models[5:12])  # duplicates in another file (or the same, when there is one)
    counts.read += 12
    counts.duplicate += 12
    conflicting = []
    for line in models[12:16]:  # the same event, another quantity: both rows are conflicts
        row = rows.read(line)
        row[feed.quantity_column] = "2" if row[feed.quantity_column] == "1" else "1"
        conflicting.append(rows.write(row))
    _append(last, conflicting)
    counts.read += len(conflicting)
    counts.conflict += 2 * len(conflicting)
    counts.accepted -= len(conflicting)
    _append(last, _malformed(feed, rows, models[16:30], counts))
    unknown = rows.read(models[30])
    unknown[feed.id_column] = "999999999001"
    unknown[feed.served_column] = "+4850999999" if feed.served_column in ("caller", "sender", "subscriber") else "nobody"
    _append(last, [rows.write(unknown)])
    counts.read += 1
    counts.accepted += 1
    counts.suspended += 1


def _malformed(feed: Feed, rows: _Rows, models: list[str], counts: Counts) -> list[str]:
    """One line per kind of malformed row, each with an id of its own."""
    lines = []
    changes: list[tuple[str, dict[str, str]]] = [
        ("bad_decimal", {feed.quantity_column: "1_000"}),
        ("bad_decimal", {feed.quantity_column: "NaN"}),
        ("bad_decimal", {feed.quantity_column: "12,5" if feed.delimiter != "," or feed.file_format == "jsonl" else "1e3"}),
        ("below_minimum", {feed.quantity_column: "-5"}),
        ("above_maximum", {feed.quantity_column: "99999999"}),
        ("missing_offset", {feed.time_column: "2026-10-25T02:30:00"}),
        ("bad_timestamp", {feed.time_column: "2026-13-01T00:00:00Z"}),
        ("older_than_age_limit", {feed.time_column: "2019-05-05T12:00:00Z"}),
        ("after_receipt", {feed.time_column: "2026-12-24T18:00:00Z"}),
        ("missing_value", {feed.id_column: ""}),
    ]
    if feed.code_column:
        changes.append(("unknown_code", {feed.code_column: "lunar"}))
    for number, (reason, change) in enumerate(changes):
        row = rows.read(models[number % len(models)])
        row[feed.id_column] = f"99999999{number:04d}"
        row.update(change)
        lines.append(rows.write(row))
        counts.reject(reason)
    if feed.file_format == "csv":
        lines.append(models[0] + feed.delimiter + "surplus")
        counts.reject("wrong_field_count")
        lines.append("")
        counts.reject("blank_line")
    else:
        lines.append('{"play_id": "broken", ')
        counts.reject("bad_json")
    return lines


def _append(path: Path, lines: list[str]) -> None:
    with path.open("a", encoding="utf-8") as target:
        target.write("".join(line + "\n" for line in lines))


def write_manifest(path: Path, rows: int) -> None:
    """``<file>.manifest.json``: rows, content hash, and when it was sent."""
    digest = hashlib.sha256()
    with path.open("rb") as source:
        while chunk := source.read(1 << 20):
            digest.update(chunk)
    manifest = {"rows": rows, "sha256": digest.hexdigest(), "sent_at": SENT_AT}
    path.with_name(path.name + ".manifest.json").write_text(json.dumps(manifest) + "\n", encoding="utf-8")


def write_broken_files(folder: Path, voice_file: Path) -> dict[str, int]:
    """Files that must be refused, recognised as delivered before, or waited for; returns how many of each state."""
    again = folder / f"voice_again_{voice_file.name.removeprefix('voice_')}"
    again.write_bytes(voice_file.read_bytes())
    packed = gzip.compress(b"session_id,started_at,subscriber,network,volume_mb\n" + b"x," * 4000, mtime=0)
    (folder / "data_truncated.csv.gz").write_bytes(packed[: len(packed) // 2])
    (folder / "sms_new-header.csv").write_text(
        "message_id;sent;sender;recipient;parts\nsms-a;2026-10-01T10:00:00+02:00;+48500000001;+48500000002;1\n"
    )
    (folder / "ehealth_empty.csv").write_bytes(b"")
    short = folder / "iot_short.csv"
    short.write_text("device,sequence,received_at,payload_kb\ndev-000001,1,2026-10-01T10:00:00+02:00,0.1\n")
    write_manifest(short, rows=2)
    (folder / "voice_still-growing.csv.part").write_text("call_id,started_at\ncall-1,2026-10")
    return {"duplicate": 1, "refused": 4, "waiting": 1}
