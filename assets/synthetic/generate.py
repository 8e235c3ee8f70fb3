"""The whole example month: population files, usage files of every feed, planted faults, and the expected counts.

Belongs here: the order of things and ``.expected.json``.
Belongs elsewhere: each part (the other modules of the package).
"""

import gzip
import json
import shutil
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path

from assets.ingestion.landing import MANIFEST_SUFFIX
from assets.synthetic.faults import MODEL_ROWS, Counts, plant, write_broken_files, write_manifest
from assets.synthetic.feeds import FEEDS, Feed
from assets.synthetic.months import months_before, period_bounds
from assets.synthetic.networks import identifiers, write_networks
from assets.synthetic.populations import LONG_AGO, make_population, write_population
from assets.synthetic.usage import UsageMaker

EXPECTED = ".expected.json"
DEFAULT_SEED = 20261001
POPULATION_FILES = 7  # one of them is the rates of the SDR


@dataclass(frozen=True)
class GeneratedMonth:
    """What was made; ``expected`` is what ``.expected.json`` holds. Totals count loaded files and their data rows."""

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
    hold_back: str | None = None,
) -> GeneratedMonth:
    """Write a month of deliveries into ``folder``; the same arguments give the same bytes, another month other events.

    ``events`` is the number of good usage rows, spread over the feeds of the example book in ``book_folder`` (each feed
    has at least a handful). ``progress(done, total)`` counts them. ``hold_back`` names a feed whose last file is put
    into ``held-back/`` beside ``folder``, as one that never came; the expected counts are those with it. Raises
    FileNotFoundError for a folder that is not the example book, ValueError when nobody has one of its services.
    """
    missing = [feed.name for feed in FEEDS if not (book_folder / "usage" / f"{feed.name}.yaml").is_file()]
    if missing:
        raise FileNotFoundError(
            f"{book_folder}: found no usage/{missing[0]}.yaml; expected the example book; pass the folder examples/book"
        )
    folder.mkdir(parents=True, exist_ok=True)
    population = make_population(period_month, customers, seed)
    population.identifiers.extend(identifiers(LONG_AGO))
    write_population(population, folder, period_month)
    start, end = period_bounds(period_month)
    sizes = {feed.name: max(events * feed.weight // 1000, MODEL_ROWS * len(feed.files)) for feed in FEEDS}
    done = 0

    def advance(rows: int) -> None:
        nonlocal done
        done += rows
        if progress is not None:
            progress(done, sum(sizes.values()))

    maker = UsageMaker(population.services, start, end, seed, months_before(period_month))
    by_feed: dict[str, Counts] = {}
    written: dict[str, list[Path]] = {}
    for feed in FEEDS:
        by_feed[feed.name] = Counts()
        written[feed.name] = _write_feed(
            maker, feed, sizes[feed.name], folder, period_month, by_feed[feed.name], advance
        )
    maker.close()
    networks = write_networks(folder, period_month, start)
    by_feed |= networks
    not_loaded = write_broken_files(folder, written["voice"][0], period_month)
    if hold_back is not None:
        _hold_back(written[hold_back][-1], folder.parent / "held-back")
    files_total = POPULATION_FILES + sum(len(paths) for paths in written.values()) + len(networks)
    expected = _expected(seed, sum(sizes.values()), customers, files_total, not_loaded, by_feed)
    (folder / EXPECTED).write_text(json.dumps(expected, indent=2) + "\n", encoding="utf-8")
    return GeneratedMonth(folder, expected["usage"]["total"]["read"], files_total, expected)


def _write_feed(
    maker: UsageMaker, feed: Feed, count: int, folder: Path, month: str, counts: Counts, advance: Callable[[int], None]
) -> list[Path]:
    """The files of one feed, with their manifests; bad rows are planted before files are packed. Fills ``counts``."""
    counts.read = counts.accepted = count
    counts.late = maker.count_late(feed, count)
    share, first, plain_files = -(-count // len(feed.files)), 0, []
    for number, _extension in enumerate(feed.files, start=1):
        size = min(share, count - first)
        plain = folder / f"{feed.name}_{month}_{number}.{feed.file_format}"
        maker.write(feed, first, size, plain)
        plain_files.append(plain)
        first += size
        advance(size)
    plant(feed, plain_files, month, counts)
    written = []
    for plain, extension in zip(plain_files, feed.files, strict=True):
        rows = _count_lines(plain) - (1 if feed.file_format == "csv" else 0)
        target = _pack(plain) if extension.endswith(".gz") else plain
        write_manifest(target, rows, month)
        written.append(target)
    return written


def _expected(
    seed: int,
    events: int,
    customers: int,
    loaded: int,
    not_loaded: dict[str, dict[str, str]],
    by_feed: dict[str, Counts],
) -> dict:
    """What ingestion and the bill run should find."""
    states = [entry["state"] for entry in not_loaded.values()]
    names = ("read", "accepted", "duplicate", "conflict", "rejected", "late", "suspended")
    total: dict = {name: sum(getattr(counts, name) for counts in by_feed.values()) for name in names}
    reasons = sorted({reason for counts in by_feed.values() for reason in counts.rejected_by_reason})
    total["rejected_by_reason"] = {
        reason: sum(counts.rejected_by_reason.get(reason, 0) for counts in by_feed.values()) for reason in reasons
    }
    return {
        "seed": seed,
        "events": events,
        "customers": customers,
        "files": {"loaded": loaded, **{state: states.count(state) for state in ("duplicate", "refused", "waiting")}},
        "files_not_loaded": not_loaded,
        "usage": {"total": total, "by_feed": {name: asdict(counts) for name, counts in by_feed.items()}},
    }


def _hold_back(file: Path, into: Path) -> None:
    into.mkdir(exist_ok=True)
    for path in (file, file.with_name(file.name + MANIFEST_SUFFIX)):
        path.replace(into / path.name)


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
