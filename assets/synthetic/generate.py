"""The whole example month: population files, usage files of every feed, planted faults, and the expected counts.

Belongs here: the order of things and ``.expected.json``. Belongs elsewhere: each part (the other modules of the package).
"""

import gzip
import json
import shutil
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path

from assets.synthetic.faults import Counts, plant, write_broken_files, write_manifest
from assets.synthetic.feeds import FEEDS, Feed
from assets.synthetic.populations import make_population, period_bounds, write_population
from assets.synthetic.usage import LATE_EVERY, UsageMaker

EXPECTED = ".expected.json"
DEFAULT_SEED = 20261001
SMALLEST_FEED = 60


@dataclass(frozen=True)
class GeneratedMonth:
    """What was made; ``expected`` is what ``.expected.json`` holds."""

    folder: Path
    rows_total: int
    files_total: int
    expected: dict


def generate_month(
    folder: Path,
    book_folder: Path,
    *,
    period_month: str = "2026-10",
    seed: int = DEFAULT_SEED,
    events: int = 60_000,
    customers: int = 300,
    progress: Callable[[int, int], None] | None = None,
) -> GeneratedMonth:
    """Write a month of deliveries into ``folder``; the same arguments give the same bytes.

    ``events`` is the number of good usage rows, spread over the feeds of the example book in ``book_folder``.
    """
    if not (book_folder / "usage").is_dir():
        raise FileNotFoundError(f"{book_folder} is no book: it has no usage folder")
    folder.mkdir(parents=True, exist_ok=True)
    population = make_population(period_month, customers, seed)
    write_population(population, folder, period_month)
    start, end = period_bounds(period_month)
    maker = UsageMaker(population.services, start, end, seed)
    by_feed: dict[str, Counts] = {}
    files_total = 5
    done = 0
    voice_file = None
    for feed in FEEDS:
        count = max(events * feed.weight // 1000, SMALLEST_FEED)
        written, by_feed[feed.name] = _write_feed(maker, feed, count, folder, period_month)
        files_total += len(written)
        voice_file = voice_file or written[0]
        done += count
        if progress is not None:
            progress(min(done, events), events)
    states = write_broken_files(folder, voice_file)
    expected = {
        "seed": seed,
        "events": events,
        "files": {"loaded": files_total, **states},
        "usage": {"total": _total(by_feed), "by_feed": {name: asdict(counts) for name, counts in by_feed.items()}},
    }
    (folder / EXPECTED).write_text(json.dumps(expected, indent=2) + "\n", encoding="utf-8")
    return GeneratedMonth(folder, expected["usage"]["total"]["read"], files_total, expected)


def _write_feed(maker: UsageMaker, feed: Feed, count: int, folder: Path, month: str) -> tuple[list[Path], Counts]:
    """The files of one feed, with their manifests; bad rows are planted before files are packed."""
    counts = Counts(read=count, accepted=count, late=maker.late_rows(feed, 0, count, LATE_EVERY))
    share, first, plain_files = -(-count // len(feed.files)), 0, []
    for number, _extension in enumerate(feed.files, start=1):
        size = min(share, count - first)
        plain = folder / f"{feed.name}_{month}_{number}.{feed.file_format}"
        maker.write(feed, first, size, plain)
        plain_files.append(plain)
        first += size
    plant(feed, plain_files, counts)
    written = []
    for plain, extension in zip(plain_files, feed.files, strict=True):
        rows = _count_lines(plain) - (1 if feed.file_format == "csv" else 0)
        target = _pack(plain) if extension.endswith(".gz") else plain
        write_manifest(target, rows)
        written.append(target)
    return written, counts


def _pack(plain: Path) -> Path:
    packed = plain.with_name(plain.name + ".gz")
    with plain.open("rb") as source, packed.open("wb") as raw, gzip.GzipFile("", "wb", 5, raw, mtime=0) as target:
        shutil.copyfileobj(source, target, 1 << 20)
    plain.unlink()
    return packed


def _count_lines(path: Path) -> int:
    lines = 0
    with path.open("rb") as source:
        while chunk := source.read(1 << 20):
            lines += chunk.count(b"\n")
    return lines


def _total(by_feed: dict[str, Counts]) -> dict[str, int]:
    names = ("read", "accepted", "duplicate", "conflict", "rejected", "late", "suspended")
    return {name: sum(getattr(counts, name) for counts in by_feed.values()) for name in names}
