"""A term sheet says every term in the partner's language, and its digest is that of the terms alone."""

import html
import re
from datetime import date

import pytest

from assets.catalog.check import check_book
from assets.documents.pdf import to_pdf
from assets.documents.term_sheet import TrialRow, TrialSettlement, term_sheet
from tests.pipeline import PROJECT_ROOT
from tests.unit.catalog.books import VALID_BOOK, write_book

BOOK = check_book(PROJECT_ROOT / "examples" / "book").book


def sheet_of(book, agreement_id, language, **more):
    agreement = book.agreements[agreement_id].value
    return term_sheet(book, agreement, agreement.versions[-1], language, **more)


def text_of(page: str) -> str:
    body = page[page.index("<body") :]
    return re.sub(r"\s+", " ", html.unescape(re.sub(r"<[^>]+>", " ", body)))


@pytest.mark.parametrize("language", ["pl", "en", "de", "uk", "ar"])
@pytest.mark.parametrize("agreement_id", sorted(BOOK.agreements))
def test_every_agreement_of_the_example_has_a_sheet_in_every_language(agreement_id, language):
    sheet = sheet_of(BOOK, agreement_id, language)
    assert sheet.language_code == language
    assert f'lang="{language}"' in sheet.html
    assert "[U+" not in sheet.html and "%(" not in sheet.html
    assert sheet.terms_digest in sheet.html
    assert text_of(sheet.print_page.html) == text_of(sheet.html)


@pytest.mark.parametrize("language", ["de", "ar"])
def test_a_sheet_is_printed(language):
    pdf = to_pdf(sheet_of(BOOK, "streamly-content", language).print_page, date(2026, 11, 1))
    assert pdf.page_count <= 2


def test_the_terms_are_said_with_their_numbers_and_as_the_book_writes_them():
    text = text_of(sheet_of(BOOK, "streamly-content", "en", names={"streamly": "Streamly Ltd"}).html)
    for said in (
        "content: Streamly Ltd 72% of the revenue after discounts, without tax",
        "From 16 Oct 2026",
        "Agreed on 1 Dec 2025. You accept or contest each document within 14 days.",
        "Without an answer it counts as accepted.",
        "30 days after the document",
        "percent: '72'",
    ):
        assert said in text, text


def test_a_tariff_between_the_parties_is_on_the_sheet_with_its_prices():
    with_tariffs = [key for key, place in BOOK.agreements.items() if place.value.tariffs]
    assert with_tariffs
    for agreement_id in with_tariffs:
        text = text_of(sheet_of(BOOK, agreement_id, "en").html)
        for tariff in BOOK.agreements[agreement_id].value.tariffs:
            assert f"{tariff.id}: {tariff.receiver}" in text
            assert all(f"Price {price.id}" in text and f"- id: {price.id}" in text for price in tariff.prices)


def test_the_digest_changes_with_any_term_and_with_nothing_else(tmp_path):
    def digest(folder, text):
        files = {**VALID_BOOK, "agreements/streamly.yaml": text}
        write_book(tmp_path / folder, files)
        return sheet_of(check_book(tmp_path / folder).book, "streamly-content", "en").terms_digest

    text = VALID_BOOK["agreements/streamly.yaml"]
    assert digest("a", text) == digest("b", f"# a remark\n{text}")
    assert digest("a2", text) != digest("c", text.replace('due_days: "30"', 'due_days: "31"'))


def test_a_test_settlement_stands_on_the_sheet_and_names_cannot_run():
    test = TrialSettlement("voice=120min", (TrialRow("content: streamly", "100 PLN", "70.00 EUR"),))
    sheet = sheet_of(BOOK, "streamly-content", "en", names={"streamly": "<img src=x>"}, test=test)
    assert "70.00 EUR" in text_of(sheet.html)
    assert "<img" not in sheet.html
