"""The per-event path: parse, check, load, deduplicate, guide, rate, share, aggregate; its time and Python's memory."""

import json
import os
import subprocess
import sys
import threading
import time
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import psutil

from assets.rows import first_value
from orchestration.paths import DBT_PROJECT, PROJECT_ROOT

PERIOD = "2026-10-c01"
# Models that read or write a row per event; all others look at rules and lines, however many events there are.
MODELS_OVER_EVENTS = (
    "int_usage_guided_1",
    "int_usage_guided_2",
    "int_usage_exceptions",
    "int_split_parts",
    "int_usage_positions",
    "int_usage_costs",
    "int_usage_suspended",
    "int_usage_rated_1",
    "int_usage_rated_2",
    "fct_rated_usage",
    "int_usage_lines",
    "int_late_usage",
    "fct_bucket_balances",
    "int_reconciliation_inbox",
    "int_reconciliation_rated",
)


# Those that find an event's price and calculate its amount.
RATING_MODELS = (
    "int_usage_guided_1",
    "int_usage_guided_2",
    "int_usage_rated_1",
    "int_usage_rated_2",
    "fct_rated_usage",
)


@dataclass(frozen=True)
class PathTimes:
    """Seconds of the stages and the largest resident memory of any Python process, in MiB."""

    ingest_seconds: float
    models_seconds: float
    models_over_events_seconds: float
    rating_seconds: float
    dbt_seconds: float
    slowest_models: list[tuple[str, float]]
    python_mebibytes: float
    rated_events: int

    def print_report(self, events: int, floor_seconds: float) -> None:
        path_seconds = self.ingest_seconds + self.models_seconds
        print(f"ingest (parse, check, encode, deduplicate, load)   {self.ingest_seconds:7.2f} s")
        print(
            f"models (guide, rate, share, aggregate, dbt tests)  {self.models_seconds:7.2f} s"
            f"   rated {self.rated_events:,}"
        )
        for name, seconds in self.slowest_models:
            print(f"    {seconds:7.2f} s  {name}")
        print(
            f"per-event path {path_seconds:.2f} s = {events / path_seconds:,.0f} events/s,"
            f" {path_seconds / floor_seconds:.2f} x floor"
        )
        over_events = self.ingest_seconds + self.models_over_events_seconds
        print(
            f"of it ingest and models over events {over_events:.2f} s, {over_events / floor_seconds:.2f} x floor; small"
            f" models {self.models_seconds - self.models_over_events_seconds:.2f} s, for any number of events"
        )
        rating_ratio = self.rating_seconds / floor_seconds
        print(f"rating (guide, rate, write) {self.rating_seconds:.2f} s, {rating_ratio:.2f} x floor")
        with_start = self.ingest_seconds + self.dbt_seconds
        print(
            f"with dbt's start and parse {with_start:.2f} s = {events / with_start:,.0f} events/s,"
            f" {with_start / floor_seconds:.2f} x floor"
        )
        print(f"largest Python process {self.python_mebibytes:,.0f} MiB")


class _MemoryWatch(threading.Thread):
    """Samples this process and its Python children until stopped."""

    def __init__(self) -> None:
        super().__init__(daemon=True)
        self.largest_bytes = 0
        self._done = threading.Event()

    def run(self) -> None:
        me = psutil.Process()
        while not self._done.wait(0.1):
            for process in [me, *me.children(recursive=True)]:
                try:
                    if not process.name().startswith("postgres"):
                        self.largest_bytes = max(self.largest_bytes, process.memory_info().rss)
                except psutil.NoSuchProcess:
                    continue

    def stop(self) -> float:
        self._done.set()
        self.join()
        return self.largest_bytes / (1 << 20)


def generate(folder: Path, events: int, customers: int = 300) -> float:
    """Make the month; seconds."""
    from assets.synthetic.generate import generate_month

    started = time.monotonic()
    generate_month(
        folder, PROJECT_ROOT / "examples" / "book", period_month=PERIOD[:7], events=events, customers=customers
    )
    return time.monotonic() - started


def measure(url: str, home: Path) -> PathTimes:
    """Ingest in a process of its own, then one dbt build of the lane; the same calls the assets make."""
    import psycopg

    from orchestration.database.server import ensure_database

    ensure_database()
    watch = _MemoryWatch()
    watch.start()
    ingest_seconds = float(_python("from tests.bench.path import ingest_here; print(ingest_here())").split()[-1])
    dbt_seconds = float(_python("from tests.bench.path import bill_here; print(bill_here())").split()[-1])
    mebibytes = watch.stop()
    results = json.loads((DBT_PROJECT / "target" / "bench" / "run_results.json").read_text())["results"]
    spans = {
        result["unique_id"].split(".")[2]: (
            datetime.fromisoformat(entry["started_at"]),
            datetime.fromisoformat(entry["completed_at"]),
        )
        for result in results
        for entry in result["timing"]
        if entry["name"] == "execute"
    }
    slowest = sorted(((r["unique_id"].split(".")[2], r["execution_time"]) for r in results), key=lambda pair: -pair[1])[
        :8
    ]
    with psycopg.connect(url) as connection:
        rated = first_value(connection.execute("select count(*) from build.fct_rated_usage"))
    return PathTimes(
        ingest_seconds=ingest_seconds,
        models_seconds=(
            max(end for _, end in spans.values()) - min(start for start, _ in spans.values())
        ).total_seconds(),
        rating_seconds=_seconds_covered([spans[name] for name in RATING_MODELS if name in spans]),
        models_over_events_seconds=_seconds_covered([spans[name] for name in MODELS_OVER_EVENTS if name in spans]),
        dbt_seconds=dbt_seconds,
        slowest_models=slowest,
        python_mebibytes=mebibytes,
        rated_events=rated,
    )


def _seconds_covered(spans: list[tuple[datetime, datetime]]) -> float:
    """Seconds in which at least one of the spans runs."""
    covered, reached = 0.0, None
    for start, end in sorted(spans):
        begin = start if reached is None else max(start, reached)
        covered += max(0.0, (end - begin).total_seconds())
        reached = end if reached is None else max(reached, end)
    return covered


def _python(code: str) -> str:
    return subprocess.run(
        [sys.executable, "-c", code], cwd=PROJECT_ROOT, env=os.environ, check=True, capture_output=True, text=True
    ).stdout


def ingest_here() -> float:
    """Load the book, then time the intake of everything in the inbox; seconds."""
    from datetime import UTC

    from assets.catalog.check import check_book
    from assets.catalog.loading.load import load_book
    from assets.ingestion.ingest import ingest_folder
    from assets.ingestion.specifications import specifications_in_force
    from orchestration.database.connection import connect
    from orchestration.paths import book_folder, file_store_folder, inbox_folder

    with connect() as connection:
        load_book(connection, check_book(book_folder()))
    with connect() as connection:
        specifications = specifications_in_force(connection)
        started = time.monotonic()
        ingest_folder(
            connection,
            inbox_folder(),
            file_store_folder(),
            specifications,
            dagster_run_id="bench",
            now=datetime.now(UTC),
        )
        connection.commit()
        return time.monotonic() - started


def bill_here() -> float:
    """Open the bill run and build the lane with dbt; seconds of the whole dbt process."""
    from assets.publishing.bill_run_opening import code_version, open_bill_run
    from assets.quality.gates import check_usage_in
    from orchestration.database.connection import connect, dbt_environment
    from orchestration.database.lease import take_lease
    from orchestration.paths import DBT_COMMAND

    with connect() as connection:
        check_usage_in(connection)
    lease = take_lease("build", holder="bench", period_id=PERIOD)
    with connect(token=lease.token) as connection:
        open_bill_run(
            connection, lane="build", period_id=PERIOD, issue_date=None, token=lease.token, code_version=code_version()
        )
    started = time.monotonic()
    subprocess.run(
        [
            *DBT_COMMAND, "--quiet", "build", "--exclude-resource-type", "unit_test",
            "--project-dir", str(DBT_PROJECT), "--target-path", str(DBT_PROJECT / "target" / "bench"),
        ],
        check=True, env={**os.environ, **dbt_environment(token=lease.token, lane="build")}, stdout=sys.stderr,
    )  # fmt: skip
    seconds = time.monotonic() - started
    lease.release()
    return seconds
