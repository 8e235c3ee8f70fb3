"""HTML to PDF with WeasyPrint: own fonts, no fetching, the same bytes every time.

Belongs here: everything that knows WeasyPrint. Belongs elsewhere: the HTML (``pages``), files, processes (``render``).
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import lru_cache
from typing import Any
from xml.etree import ElementTree

from cssselect2 import ElementWrapper
from weasyprint import CSS, HTML
from weasyprint.text.fonts import FontConfiguration
from weasyprint.urls import FatalURLFetchingError, URLFetcher, URLFetcherResponse

from assets.documents.fonts import BUNDLED_FONTS, TEMPLATES
from assets.documents.pages import Page

_FONT_SCHEME = "apportion-font:"


class NothingFetched(URLFetcher):
    """Refuses every address, and remembers that it did.

    An ordinary error would only warn and leave a hole in the page; this one stops the document. Inside drawings
    WeasyPrint swallows even that, so ``to_pdf`` looks at ``refused`` at the end.
    """

    def __init__(self) -> None:
        super().__init__()
        self.refused: list[str] = []

    def fetch(self, url: str, headers: Any = None) -> URLFetcherResponse:
        """Always raises.

        Raises:
            FatalURLFetchingError: whatever the address.
        """
        self.refused.append(url if len(url) <= 120 else f"{url[:120]}...")
        raise self.refusal()

    def refusal(self) -> FatalURLFetchingError:
        """The error that says what was asked for."""
        return FatalURLFetchingError(
            f"a document asked for {', '.join(self.refused)}: documents fetch nothing. Look for markup in its data."
        )


class OwnFontsOnly(NothingFetched):
    """For our own style sheet alone: the bundled fonts by name, nothing else."""

    def fetch(self, url: str, headers: Any = None) -> URLFetcherResponse:
        """The bytes of a bundled font."""
        for font in BUNDLED_FONTS:
            if url == _FONT_SCHEME + font.file_name:
                return URLFetcherResponse(url, font.path.read_bytes(), {"Content-Type": "font/ttf"})
        return super().fetch(url, headers)


class _WellFormed(HTML):
    """Our own pages, which are XML too: reading them in C takes a fifteenth of the time off a document.

    Sets what ``HTML.__init__`` sets after it has parsed; WeasyPrint has no argument for a tree.

    Raises:
        ElementTree.ParseError: the page is not XML.
    """

    def __init__(self, html: str, fetcher: URLFetcher) -> None:
        self.base_url, self.url_fetcher, self.media_type = None, fetcher, "print"
        self.wrapper_element = ElementWrapper.from_html_root(ElementTree.fromstring(html), content_language=None)
        self.etree_element = self.wrapper_element.etree_element


@dataclass(frozen=True, slots=True)
class Pdf:
    """A rendered document."""

    content: bytes
    page_count: int


@dataclass(frozen=True, slots=True)
class _PrintShop:
    fonts: FontConfiguration
    left_to_right: list[CSS]
    right_to_left: list[CSS]


@lru_cache(maxsize=1)
def _print_shop() -> _PrintShop:
    """Fonts and parsed styles, made once per process: they cost more than a page."""
    fonts = FontConfiguration()
    faces = "".join(
        f'@font-face {{ font-family: "{font.family}"; font-weight: {font.weight}; '
        f'src: url("{_FONT_SCHEME}{font.file_name}"); }}\n'
        for font in BUNDLED_FONTS
    )
    loaded = CSS(string=faces, font_config=fonts, url_fetcher=OwnFontsOnly())

    def sheet(name: str) -> CSS:
        return CSS(
            string=(TEMPLATES / "css" / name).read_text("utf-8"), font_config=fonts, url_fetcher=NothingFetched()
        )

    left_to_right = [loaded, sheet("base.css"), sheet("print.css")]
    return _PrintShop(fonts, left_to_right, [*left_to_right, sheet("print-rtl.css")])


def warm_up() -> None:
    """Load fonts and styles now, so that the first document costs what the others cost."""
    _print_shop()


def to_pdf(page: Page, issue_date: date) -> Pdf:
    """Print one page set. The only clock in it is the document's issue date, so the same input gives the same bytes.

    Raises:
        FatalURLFetchingError: the HTML asked for any resource.
    """
    shop = _print_shop()
    fetcher = NothingFetched()
    with _at_issue_date(issue_date):
        document = _WellFormed(page.html, fetcher).render(
            stylesheets=shop.right_to_left if page.is_right_to_left else shop.left_to_right, font_config=shop.fonts
        )
        content = document.write_pdf()
    if fetcher.refused:
        raise fetcher.refusal()
    return Pdf(content, len(document.pages))


@contextmanager
def _at_issue_date(issue_date: date) -> Iterator[None]:
    """Fonts and PDF carry a time; SOURCE_DATE_EPOCH is how WeasyPrint and fontTools take it from us."""
    before = os.environ.get("SOURCE_DATE_EPOCH")
    midnight = datetime(issue_date.year, issue_date.month, issue_date.day, tzinfo=UTC)
    os.environ["SOURCE_DATE_EPOCH"] = str(int(midnight.timestamp()))
    try:
        yield
    finally:
        if before is None:
            del os.environ["SOURCE_DATE_EPOCH"]
        else:
            os.environ["SOURCE_DATE_EPOCH"] = before
