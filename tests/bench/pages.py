"""Documents: seconds per PDF page, the ratio to a bare WeasyPrint call, and what a second process brings."""

import os
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass

from orchestration.paths import PROJECT_ROOT

LANGUAGES = ("pl", "en", "de", "uk", "ar")


@dataclass(frozen=True)
class PageTimes:
    """Processor seconds per page, and wall seconds of the same work in one and in two processes."""

    pages: int
    ours_seconds: float
    bare_seconds: float
    one_process_seconds: float
    two_processes_seconds: float

    def print_report(self) -> None:
        """Ratios beside the seconds."""
        print(
            f"a PDF page costs {self.ours_seconds / self.pages:.3f} s, "
            f"{self.ours_seconds / self.bare_seconds:.2f} x a bare WeasyPrint call ({self.pages} pages, five languages)"
        )
        print(f"two processes print {self.one_process_seconds / self.two_processes_seconds:.2f} x as fast as one")


def measure(documents: int) -> PageTimes:
    """Print ``documents`` sample bills in five languages, ours and bare, then split over processes."""
    from weasyprint import HTML

    from assets.documents.pages import page
    from assets.documents.pdf import NothingFetched, _print_shop, to_pdf
    from tests.unit.documents import samples

    bills = [samples.bill(language) for language in LANGUAGES]
    shop = _print_shop()
    printed = [page(bill, "print") for bill in bills]
    pages = 0

    def ours() -> None:
        nonlocal pages
        for number in range(documents):
            bill = bills[number % len(bills)]
            pages += to_pdf(page(bill, "print"), bill.issue_date).page_count

    def bare() -> None:
        for number in range(documents):
            sheet = printed[number % len(bills)]
            HTML(string=sheet.html, url_fetcher=NothingFetched()).write_pdf(
                stylesheets=shop.right_to_left if sheet.is_right_to_left else shop.left_to_right, font_config=shop.fonts
            )

    bare()  # fonts and caches are warm for both
    return PageTimes(
        bare_seconds=_processor_seconds(bare),
        ours_seconds=_processor_seconds(ours),
        pages=pages,
        one_process_seconds=_in_processes(1, documents * 2),
        two_processes_seconds=_in_processes(2, documents),
    )


def _processor_seconds(work: Callable[[], None]) -> float:
    before = time.process_time()
    work()
    return time.process_time() - before


def _in_processes(processes: int, documents_each: int) -> float:
    """Wall seconds until every process has printed its share, start-up included."""
    code = f"from tests.bench.pages import print_some; print_some({documents_each})"
    started = time.monotonic()
    running = [
        subprocess.Popen([sys.executable, "-c", code], cwd=PROJECT_ROOT, env=os.environ) for _ in range(processes)
    ]
    for process in running:
        if process.wait() != 0:
            raise RuntimeError("a printing process failed")
    return time.monotonic() - started


def print_some(documents: int) -> None:
    """What one of several processes does."""
    from assets.documents.pages import page
    from assets.documents.pdf import to_pdf
    from tests.unit.documents import samples

    for number in range(documents):
        bill = samples.bill(LANGUAGES[number % len(LANGUAGES)])
        to_pdf(page(bill, "print"), bill.issue_date)
