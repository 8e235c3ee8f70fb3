"""One renderer process: reads a batch of documents, prints them, answers with what it wrote.

Belongs here: the line protocol with ``render`` and the limits of the process. Belongs elsewhere: who gets which batch
(``render``), the page itself (``pages``, ``pdf``).

A request is one JSON line, an answer too. A process of its own instead of ``multiprocessing``: it does not import the
caller's main module (Dagster takes seconds), and it ends when its input ends, so a killed caller leaves nobody behind.
"""

import gc
import hashlib
import json
import os
import resource
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import Any
from uuid import UUID

import psycopg
from weasyprint.urls import FatalURLFetchingError

from assets.documents.bills import read_bills
from assets.documents.document import BillDocument
from assets.documents.files import Printed, document_path, sync_folder, write_durably
from assets.documents.pages import Document, page
from assets.documents.pdf import to_pdf, warm_up
from assets.documents.settlements import read_settlements

DATABASE_URL = "APPORTION_RENDERER_DATABASE_URL"
READERS = {"bills": read_bills, "settlements": read_settlements}
MEMORY_LIMIT_BYTES = 4 * 1024**3
# More than the documents of a batch leave behind; only a bill of thousands of lines gets there.
OBJECTS_BEFORE_GARBAGE = 2_000_000
SECONDS_PER_DOCUMENT, SECONDS_PER_LINE = 60, 0.2


class ChangedDocumentError(RuntimeError):
    """Printing an issued document again gave other bytes."""


class TookTooLongError(RuntimeError):
    """A document took more time than its size explains."""


def print_batch(connection: psycopg.Connection, request: dict[str, Any]) -> dict[str, Any]:
    """Print the documents of one request. One that cannot be printed is reported; the others are.

    ``request``: kind, bill_run_id, folder, keys, issued (document key -> hashes that its files must have).
    """
    folder = Path(request["folder"])
    printed, failures, seen = [], [], set()
    for read in READERS[request["kind"]](connection, request["bill_run_id"], [UUID(key) for key in request["keys"]]):
        seen.add(read.key)
        try:
            document = read.build()
            with _time_limit(SECONDS_PER_DOCUMENT + SECONDS_PER_LINE * _line_count(document)):
                printed.append(print_document(document, folder, request["issued"].get(read.key)))
        except (Exception, FatalURLFetchingError) as problem:
            failures.append({"number": read.number, "problem": f"{type(problem).__name__}: {problem}"})
    failures += [
        {
            "number": key,
            "problem": "its rows could not be read: see what the ledger, its run and its book hold under this key",
        }
        for key in sorted(set(request["keys"]) - seen)
    ]
    sync_folder(folder)
    connection.rollback()
    return {"printed": [asdict(entry) for entry in printed], "failures": failures}


def print_document(document: Document, folder: Path, issued: dict[str, str] | None = None) -> Printed:
    """Write the PDF and the HTML of a document.

    Raises:
        ChangedDocumentError: the document was issued before with other bytes; nothing is written.
    """
    paged = page(document, "print")
    pdf = to_pdf(paged, document.issue_date)
    screen = page(document, "screen").html.encode()
    hashes = {"pdf": _sha256(pdf.content), "html": _sha256(screen)}
    if issued is not None and issued != hashes:
        raise ChangedDocumentError(
            f"{document.number}: its file was removed or changed since it was issued, and printing it again gives "
            "other bytes (templates, fonts or master data differ by now). Restore the file from a backup."
        )
    path = document_path(folder, document.number, "pdf")
    write_durably(path, pdf.content)
    write_durably(document_path(folder, document.number, "html"), screen)
    return Printed(
        number=document.number,
        document_key=document.proof.document_key,
        file_name=path.name,
        pdf_sha256=hashes["pdf"],
        html_sha256=hashes["html"],
        page_count=pdf.page_count,
        replaced_characters=sorted(f"U+{ord(character):04X}" for character in paged.replaced_characters),
    )


def _sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def _line_count(document: Document) -> int:
    if isinstance(document, BillDocument):
        return sum(len(product.lines) for product in document.products)
    return len(document.offerings) + sum(len(agreement.lines) for agreement in document.agreements)


@contextmanager
def _time_limit(seconds: float) -> Iterator[None]:
    def stop(_signal: int, _frame: object) -> None:
        raise TookTooLongError(f"stopped after {seconds:.0f} s")

    before = signal.signal(signal.SIGALRM, stop)
    signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


def main() -> None:
    """Serve requests from standard input until it ends."""
    answers = os.fdopen(os.dup(sys.stdout.fileno()), "w", buffering=1, encoding="utf-8")
    sys.stdout = sys.stderr  # Whatever a library prints must not end up among the answers.
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_LIMIT_BYTES, MEMORY_LIMIT_BYTES))
    warm_up()
    _collect_between_batches()
    with psycopg.connect(os.environ.pop(DATABASE_URL), options="-c timezone=UTC") as connection:
        for line in sys.stdin:
            try:
                answer = print_batch(connection, json.loads(line))
            except Exception as problem:
                answer = {"error": f"{type(problem).__name__}: {problem}"}
            answers.write(json.dumps(answer) + "\n")
            gc.collect()


def _collect_between_batches() -> None:
    """Look for garbage after a batch: a page is so many objects that looking meanwhile takes a quarter of its time."""
    gc.freeze()
    gc.set_threshold(OBJECTS_BEFORE_GARBAGE)


if __name__ == "__main__":
    main()
