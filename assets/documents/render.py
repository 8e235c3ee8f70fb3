"""Printing all documents of a posted bill run: spread over processes, resumable, the same bytes every time.

Belongs here: which documents are still to be printed, who prints them, what is recorded when they are.
Belongs elsewhere: printing one batch (``worker``), files and manifest (``files``), CSV and index page (``exports``).
"""

import json
import os
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from queue import Empty, Queue
from typing import Any
from uuid import UUID

import psycopg

from assets.documents.bills import bill_keys
from assets.documents.files import Manifest, Printed, only_writer
from assets.documents.settlements import settlement_keys
from assets.documents.worker import DATABASE_URL
from orchestration.failpoints import reach

PROJECT_ROOT = Path(__file__).resolve().parents[2]
# Small enough to share the work evenly and to keep memory flat, large enough that queries do not matter.
DOCUMENTS_PER_BATCH = 10
_SHOWN_FAILURES = 5

Progress = Callable[[int, int], None]


class DocumentsNotPrintedError(RuntimeError):
    """Some documents could not be printed; all others were, and are recorded. ``failures``: number -> problem."""

    def __init__(self, kind: str, failures: dict[str, str]) -> None:
        shown = "; ".join(f"{number}: {problem}" for number, problem in sorted(failures.items())[:_SHOWN_FAILURES])
        more = f" (and {len(failures) - _SHOWN_FAILURES} more)" if len(failures) > _SHOWN_FAILURES else ""
        super().__init__(
            f"{len(failures)} of the {kind} could not be printed{more}: {shown}. The others are done; remove the "
            "cause and run again, only the missing ones are printed."
        )
        self.failures = failures


@dataclass(frozen=True, slots=True)
class RenderResult:
    """What one call did. ``sha256`` is over all documents of the run, printed now or before."""

    folder: Path
    rendered: int
    unchanged: int
    pages: int
    sha256: str
    replaced_characters: dict[str, list[str]] = field(default_factory=dict)


def render_bills(
    url: str, bill_run_id: int, folder: Path, workers: int = 2, progress: Progress | None = None
) -> RenderResult:
    """Print every posted bill of a run as PDF and HTML into ``folder/bills``.

    Documents whose recorded files are still there are left alone, so a killed call is resumed by calling again.

    Raises:
        DocumentsNotPrintedError: after all others are done.
        FolderInUseError: another renderer is at work in the folder.
    """
    with psycopg.connect(url) as connection:
        keys = bill_keys(connection, bill_run_id)
    return _render("bills", url, bill_run_id, folder, keys, workers, progress)


def render_settlements(
    url: str, bill_run_id: int, folder: Path, workers: int = 2, progress: Progress | None = None
) -> RenderResult:
    """Print every settlement document of a run as PDF and HTML into ``folder/settlements``, as with bills."""
    with psycopg.connect(url) as connection:
        keys = settlement_keys(connection, bill_run_id)
    return _render("settlements", url, bill_run_id, folder, keys, workers, progress)


# By the asset that prints them.
PRINTERS = {"customer_bills": render_bills, "settlement_statements": render_settlements}


def _render(
    kind: str,
    url: str,
    bill_run_id: int,
    folder: Path,
    keys: Sequence[tuple[UUID, str]],
    workers: int,
    progress: Progress | None,
) -> RenderResult:
    target = folder / kind
    show = progress or (lambda _done, _total: None)
    with only_writer(target):
        manifest = Manifest(folder / "manifest" / f"{kind}-{bill_run_id}.jsonl")
        pending = [str(key) for key, _ in keys if not manifest.is_intact(str(key), target)]
        unchanged = len(keys) - len(pending)
        show(unchanged, len(keys))
        failures: dict[str, str] = {}
        rendered: list[Printed] = []

        def record(answer: dict[str, Any]) -> None:
            entries = [Printed(**entry) for entry in answer["printed"]]
            manifest.append(entries)
            rendered.extend(entries)
            failures.update((failure["number"], failure["problem"]) for failure in answer["failures"])
            show(unchanged + len(rendered), len(keys))
            reach("mid_documents")

        requests = [
            {
                "kind": kind,
                "bill_run_id": bill_run_id,
                "folder": str(target.resolve()),
                "keys": batch,
                "issued": {key: _hashes(manifest.entries[key]) for key in batch if key in manifest.entries},
            }
            for batch in _batches(pending)
        ]
        _RendererPool(url, min(workers, len(requests))).serve(requests, record)
        if failures:
            raise DocumentsNotPrintedError(kind, failures)
    current = [manifest.entries[str(key)] for key, _ in keys]
    return RenderResult(
        folder=target,
        rendered=len(rendered),
        unchanged=unchanged,
        pages=sum(entry.page_count for entry in current),
        sha256=manifest.sha256(),
        replaced_characters={entry.number: entry.replaced_characters for entry in current if entry.replaced_characters},
    )


def _batches(keys: Sequence[str]) -> Iterator[Sequence[str]]:
    for start in range(0, len(keys), DOCUMENTS_PER_BATCH):
        yield keys[start : start + DOCUMENTS_PER_BATCH]


def _hashes(entry: Printed) -> dict[str, str]:
    return {"pdf": entry.pdf_sha256, "html": entry.html_sha256}


class _RendererPool:
    """Some ``worker`` processes, each fed by a thread of this one. Answers are handled in the calling thread."""

    def __init__(self, url: str, size: int) -> None:
        self._size = size
        # The URL holds a password: it travels in the environment, not in the command line.
        self._environment = {**os.environ, DATABASE_URL: url, "PYTHONUNBUFFERED": "1"}
        self._requests: Queue[dict[str, Any]] = Queue()
        self._answers: Queue[dict[str, Any]] = Queue()

    def serve(self, requests: list[dict[str, Any]], handle: Callable[[dict[str, Any]], None]) -> None:
        """Handle the answer to every request, in the order in which they arrive.

        Raises:
            RuntimeError: a process ended or could not serve.
        """
        for request in requests:
            self._requests.put(request)
        processes = [self._start() for _ in range(self._size)]
        feeders = [threading.Thread(target=self._feed, args=(process,), daemon=True) for process in processes]
        try:
            for feeder in feeders:
                feeder.start()
            for _ in requests:
                answer = self._answers.get()
                if "error" in answer:
                    raise RuntimeError(f"a renderer process failed: {answer['error']}")
                handle(answer)
        finally:
            for process in processes:
                process.kill()
                process.wait()
            for feeder in feeders:
                feeder.join()

    def _start(self) -> subprocess.Popen[str]:
        return subprocess.Popen(
            [sys.executable, "-m", "assets.documents.worker"],
            cwd=PROJECT_ROOT,
            env=self._environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            encoding="utf-8",
        )

    def _feed(self, process: subprocess.Popen[str]) -> None:
        assert process.stdin is not None and process.stdout is not None
        while True:
            try:
                request = self._requests.get_nowait()
            except Empty:
                return
            try:
                process.stdin.write(json.dumps(request) + "\n")
                process.stdin.flush()
                line = process.stdout.readline()
            except (OSError, ValueError):
                line = ""
            if not line:
                self._answers.put(
                    {"error": f"it ended with code {process.poll()}; its own words are above, in the log"}
                )
                return
            self._answers.put(json.loads(line))
