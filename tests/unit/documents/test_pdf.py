"""PDF: the figures of the model in every language, the same bytes every time, and nothing fetched from anywhere."""

import hashlib
import io
import re
import subprocess
import sys
from dataclasses import replace
from datetime import date
from decimal import Decimal
from xml.etree import ElementTree

import pytest
from babel.numbers import parse_decimal
from pypdf import PdfReader
from weasyprint import HTML
from weasyprint.formatting_structure.boxes import TableCellBox, TextBox
from weasyprint.urls import FatalURLFetchingError

from assets.documents.pages import Page, page
from assets.documents.pdf import NothingFetched, _print_shop, to_pdf
from assets.money import Money, format_amount, format_exact, format_money, locale_of, major_units
from tests.unit.documents import samples

LANGUAGES = ("ar", "de", "en", "pl", "uk")
# An amount with its currency, as every language prints it: number, no-break space, code. The text of cells that stand
# right to left comes out without a space between them.
_AMOUNT = re.compile(r"(-?\d[\d.,\u00a0\u202f]*)[\u00a0 ]([A-Z]{3})(?![A-Za-z])")


def pdf_of(document) -> bytes:
    return to_pdf(page(document, "print"), document.issue_date).content


def text_of(pdf: bytes) -> str:
    return "\n".join(page.extract_text() for page in PdfReader(io.BytesIO(pdf)).pages)


def amounts_in(text: str, language: str) -> set[tuple[Decimal, str]]:
    return {
        (parse_decimal(number.strip("\u00a0\u202f"), locale=locale_of(language)), currency)
        for number, currency in _AMOUNT.findall(text)
    }


def money_of_bill(bill) -> set[tuple[Decimal, str]]:
    amounts = [bill.net, bill.tax, bill.gross, *(service.net for service in bill.services)]
    return {(major_units(amount), amount.currency_code) for amount in amounts}


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("currency", ["PLN", "EUR", "JPY"])
def test_the_figures_in_the_pdf_are_those_of_the_model_in_every_language(language, currency):
    bill = samples.bill(language, currency)
    converted = {(Decimal("33.9037"), "USD"), (Decimal(1), "USD"), (Decimal("3.6412"), currency)}
    home = {(Decimal(1), currency), (Decimal("4.2567"), "PLN")} if currency != "PLN" else set()
    assert amounts_in(text_of(pdf_of(bill)), language) == money_of_bill(bill) | converted | home


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_amount_of_a_settlement_is_in_its_pdf_in_every_language(language):
    document = samples.settlement(language)
    # Extraction joins neighbouring cells of right-to-left tables, so figures are looked for, not cut out.
    text = " ".join(text_of(pdf_of(document)).split())
    positions = [line for agreement in document.agreements for line in agreement.lines]
    expected = [format_money(amount, language) for amount in (document.position, document.tax, document.payment)]
    expected += [format_amount(line.settlement_amount, language) for line in positions]
    expected += [format_money(line.amount, language) for line in positions]
    expected += [f"{format_exact(row.share_exact, language, 2)}\u00a0PLN" for row in document.offerings]
    missing = [amount for amount in expected if " ".join(amount.split()) not in text]
    assert missing == []


def test_names_in_every_script_can_be_read_back():
    for language in ("pl", "de", "uk"):
        assert samples.CUSTOMERS[language].name in text_of(pdf_of(samples.bill(language)))
    assert "山田" in text_of(pdf_of(samples.bill("en", "JPY", customer=samples.CUSTOMERS["ja"])))


def test_only_bundled_fonts_are_in_the_pdf():
    for document in (samples.bill("ar"), samples.bill("en", "JPY", customer=samples.CUSTOMERS["ja"])):
        reader = PdfReader(io.BytesIO(pdf_of(document)))
        fonts = {
            font.get_object()["/BaseFont"] for page in reader.pages for font in page["/Resources"]["/Font"].values()
        }
        assert fonts
        assert all("Noto-Sans" in font or "NotoSans" in font for font in fonts), fonts


def test_the_same_document_gives_the_same_bytes_also_in_another_process():
    document = samples.bill("pl")
    here = pdf_of(document)
    assert pdf_of(document) == here
    script = (
        "import hashlib; from tests.unit.documents import samples; from assets.documents.pages import page;"
        "from assets.documents.pdf import to_pdf; d = samples.bill('pl');"
        "print(hashlib.sha256(to_pdf(page(d, 'print'), d.issue_date).content).hexdigest())"
    )
    there = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True).stdout.strip()
    assert there == hashlib.sha256(here).hexdigest()


def test_another_amount_gives_other_bytes():
    bill = samples.bill("pl")
    assert pdf_of(bill) != pdf_of(replace(bill, account_id="A-000418"))


def test_a_long_bill_repeats_its_number_and_counts_its_pages():
    reader = PdfReader(io.BytesIO(pdf_of(samples.bill("pl", copies=6))))
    assert len(reader.pages) >= 3
    for number, sheet in enumerate(reader.pages, start=1):
        text = sheet.extract_text()
        assert f"{number} / {len(reader.pages)}" in text
        assert "WT/2026/1042" in text
        assert samples.PROOF.book_digest in text


def test_what_the_law_wants_said_is_never_alone_on_a_page():
    base = samples.bill("en", "EUR")
    fee = samples.charge("Fee", 0, "EUR")
    for more in range(18, 24):  # The page ends in the midst of what follows the tax for two of them.
        product = replace(base.products[0], lines=(*base.products[0].lines, *(fee for _ in range(more))))
        bill = replace(base, products=(product, *base.products[1:]))
        last = PdfReader(io.BytesIO(pdf_of(bill))).pages[-1].extract_text()
        assert "Kind of tax" in last and "Every amount on this document" in last


FETCHES = {
    "attachment": '<link rel="attachment" href="file:///etc/passwd"/>',
    "link to an attachment": '<a rel="attachment" href="file:///etc/passwd">x</a>',
    "image file": '<img src="file:///etc/passwd"/>',
    "image over http": '<img src="http://127.0.0.1:9/x.png"/>',
    "image as data": '<img src="data:image/png;base64,iVBORw0KGgo="/>',
    "style sheet": '<link rel="stylesheet" href="file:///etc/passwd"/>',
    "import in a style": "<style>@import url(http://127.0.0.1:9/x.css);</style>",
    "background": '<p style="background: url(file:///etc/passwd)">x</p>',
    "list marker": '<ul style="list-style-image: url(file:///etc/passwd)"><li>x</li></ul>',
    "font": "<style>@font-face { font-family: x; src: url(file:///etc/passwd) } p { font-family: x }</style><p>x</p>",
    "our own font": "<style>@font-face { font-family: x; src: url(apportion-font:NotoSans-Regular.ttf) }</style>",
    "object": '<object data="file:///etc/passwd"></object>',
    "embed": '<embed src="file:///etc/passwd"/>',
    "generated content": "<style>p::before { content: url(file:///etc/passwd) }</style><p>x</p>",
    "image in a drawing": '<svg xmlns="http://www.w3.org/2000/svg"><image href="file:///etc/passwd" height="9"/></svg>',
}


@pytest.mark.parametrize("html", FETCHES.values(), ids=FETCHES.keys())
def test_markup_that_asks_for_anything_stops_the_document(html):
    hostile = Page(f"<html><body>{html}</body></html>", "en", False, frozenset())
    with pytest.raises(FatalURLFetchingError):
        to_pdf(hostile, date(2026, 11, 1))


@pytest.mark.parametrize("language", LANGUAGES)
def test_an_exact_amount_stays_within_its_cell(language):
    statement = samples.settlement(language)
    share = Decimal("123456.5503766666666667")
    offerings = tuple(replace(offering, base_exact=share, share_exact=share) for offering in statement.offerings)
    sheet = page(replace(statement, offerings=offerings), "print")
    shop = _print_shop()
    styles = shop.right_to_left if sheet.is_right_to_left else shop.left_to_right
    printed = HTML(string=sheet.html, url_fetcher=NothingFetched()).render(stylesheets=styles, font_config=shop.fonts)
    boxes = [box for leaf in printed.pages for box in leaf._page_box.descendants()]
    cells = [box for box in boxes if isinstance(box, TableCellBox) and "exact" in box.element.get("class", "")]
    assert len(cells) > 2 * len(offerings)
    for cell in cells:
        left, right = cell.border_box_x(), cell.border_box_x() + cell.border_width()
        for text in (box for box in cell.descendants() if isinstance(box, TextBox)):
            assert left <= text.position_x and text.position_x + text.width <= right + 0.01, text.text


def test_a_page_that_is_not_well_formed_is_not_printed():
    with pytest.raises(ElementTree.ParseError):
        to_pdf(Page("<html><body><p>Ala</body></html>", "en", False, frozenset()), date(2026, 11, 1))


def test_a_pdf_of_ours_has_no_attachment_script_or_link():
    reader = PdfReader(io.BytesIO(pdf_of(samples.bill("pl"))))
    assert reader.attachments == {}
    assert "/OpenAction" not in reader.trailer["/Root"]
    assert all("/Annots" not in sheet for sheet in reader.pages)


def test_a_credit_in_yen_has_no_decimals():
    assert (Decimal(27936), "JPY") in amounts_in(text_of(pdf_of(samples.bill("en", "JPY"))), "en")
    assert major_units(Money(-5, "JPY")) == Decimal(-5)
