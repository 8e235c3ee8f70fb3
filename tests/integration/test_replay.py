"""Replays: the same rows in other files, in another order, delivered again, give the same digest."""

import gzip
import random
import shutil
from pathlib import Path

import pytest

from tests.conftest import generate_small_month
from tests.pipeline import PERIOD

pytestmark = [pytest.mark.database, pytest.mark.slow]

NUMBERED = "iot"
FEEDS = ("voice_", "sms_", "data_", "iot_", "video_", "cloud_", "ehealth_")


def _lines(path: Path) -> list[str]:
    """The lines of a text file, packed or not; none when it cannot be read whole."""
    try:
        content = gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()
        return content.decode().splitlines()
    except (EOFError, OSError, UnicodeDecodeError):
        return []


def redelivered(landed: Path, into: Path) -> None:
    """The same rows in other files, without manifests: shuffled, each file split in two, the second halves merged."""
    into.mkdir()
    chance = random.Random(7)
    merged: dict[str, list[str]] = {}
    for path in sorted(landed.iterdir()):
        is_usage = path.name.startswith(FEEDS)
        if path.name.endswith(".manifest.json") and is_usage:
            continue
        is_text = is_usage and path.name.endswith((".csv", ".csv.gz"))
        header, *rows = (_lines(path) if is_text else []) or [""]
        if not rows:
            shutil.copy(path, into / path.name)
            continue
        chance.shuffle(rows)
        middle = (len(rows) + 1) // 2
        stem = path.name.split(".")[0]
        # Files of a numbered feed keep their number: it belongs to the name.
        first = stem if stem.startswith(NUMBERED) else f"{stem}-first"
        (into / f"{first}.csv").write_text("\n".join([header, *rows[:middle]]) + "\n")
        # Only files with the same header can be one file.
        merged.setdefault(f"{stem.split('_')[0]}|{header}", []).extend(rows[middle:])
    for number, (key, rows) in enumerate(sorted(merged.items())):
        feed, _, header = key.partition("|")
        if rows:
            name = f"{feed}_2026-10_3" if feed == NUMBERED else f"{feed}_merged-{number}"
            (into / f"{name}.csv").write_text("\n".join([header, *rows]) + "\n")


def test_files_shuffled_split_and_delivered_again_give_the_same_digest(new_pipeline, small_month, tmp_path):
    billed = small_month("billed")
    landed, folder = tmp_path / "landed", tmp_path / "inbox"
    generate_small_month(landed)
    redelivered(landed, folder)
    pipeline = new_pipeline(inbox=folder)
    pipeline.run("ingest")
    shutil.copytree(landed, pipeline.inbox, dirs_exist_ok=True)
    pipeline.run("ingest")
    pipeline.run("bill-run", PERIOD)
    assert pipeline.output_digest() == billed.output_digest()
